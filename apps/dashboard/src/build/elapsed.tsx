import type { BuildTime } from "@shardmill/api/contract";
import { useEffect, useState } from "preact/hooks";
import { duration, moment } from "../data/words.ts";

/** How long the build has been at work, or was the last time. */
export function Elapsed({ time }: { time: BuildTime }) {
  const seconds = useElapsed(time);
  return (
    <div class="figure elapsed" data-state={time.state}>
      <p class="value">{time.state === "none" ? "–" : duration(seconds)}</p>
      <p class="unit">{meaningOf(time)}</p>
    </div>
  );
}

/** Counted on between two answers by the page's own clock, which need not agree with the service's. */
export function useElapsed(time: BuildTime): number {
  const [seconds, setSeconds] = useState(time.seconds);
  useEffect(() => {
    setSeconds(time.seconds);
    if (time.state !== "running") return;
    const heardAt = performance.now();
    const count = (): void => setSeconds(time.seconds + (performance.now() - heardAt) / 1_000);
    const timer = setInterval(count, 1_000);
    return () => clearInterval(timer);
  }, [time]);
  return seconds;
}

function meaningOf({ state, beganAt, endedAt }: BuildTime): string {
  switch (state) {
    case "none":
      return "never at work";
    case "running":
      return `at work, since ${moment(beganAt ?? "")}`;
    case "ended":
      return `at work, until ${moment(endedAt ?? "")}`;
    case "unknown":
      return "until last seen; its end is not recorded";
    default:
      return state satisfies never;
  }
}
