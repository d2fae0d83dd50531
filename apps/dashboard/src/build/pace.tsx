import type { BuildDetail, Meter } from "@shardmill/api/contract";
import { useLive } from "../data/use-live.ts";
import { bytes, duration, rate } from "../data/words.ts";
import { Elapsed } from "./elapsed.tsx";

/** How fast it goes, heard live, how long it has been at work, and when it will be done, with the spread of that guess. */
export function Pace({ build }: { build: BuildDetail }) {
  const live = useLive();
  const meters = live.meters.get(build.dataset) ?? [];
  const now = meters.at(-1) ?? build.meter;
  const isMoving = build.active && build.control === "run";
  return (
    <div class="pace">
      <Figure
        value={rate(now.samplesPerS)}
        unit="samples/s"
        meters={meters}
        of={(meter) => meter.samplesPerS}
        isMain
      />
      <Figure value={rate(now.framesPerS)} unit="frames/s" meters={meters} of={(meter) => meter.framesPerS} />
      <Figure value={bytes(now.bytesPerS)} unit="/s read" meters={meters} of={(meter) => meter.bytesPerS} />
      <Elapsed time={build.time} />
      <div class="figure">
        <p class="value">{isMoving ? etaText(now) : "–"}</p>
        <p class="unit">{isMoving ? "to go" : idleWord(build)}</p>
        {isMoving && now.silentS !== null && now.silentS > 60 ? (
          <p class="warn">nothing heard for {duration(now.silentS)}</p>
        ) : null}
      </div>
    </div>
  );
}

function idleWord({ control, active }: BuildDetail): string {
  if (control === "pause") return "paused";
  return active ? "" : "nothing at work";
}

function etaText({ eta }: Meter): string {
  if (eta === null) return "measuring";
  const low = duration(eta.lowS);
  const high = duration(eta.highS);
  return low === high ? low : `${low} – ${high}`;
}

function Figure(props: {
  value: string;
  unit: string;
  meters: readonly Meter[];
  of: (meter: Meter) => number;
  isMain?: boolean;
}) {
  return (
    <div class="figure">
      <p class={props.isMain === true ? "value main" : "value"}>{props.value}</p>
      <p class="unit">{props.unit}</p>
      <Spark values={props.meters.map(props.of)} />
    </div>
  );
}

const sparkWidth = 120;
const sparkHeight = 26;

function Spark({ values }: { values: readonly number[] }) {
  if (values.length < 3) return <div class="spark" aria-hidden="true" />;
  const most = Math.max(...values, 1e-9);
  const points = values.map((value, at) => {
    const x = (at / (values.length - 1)) * sparkWidth;
    return `${x.toFixed(1)},${(sparkHeight - 2 - (value / most) * (sparkHeight - 5)).toFixed(1)}`;
  });
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${sparkWidth} ${sparkHeight}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polygon points={`0,${sparkHeight} ${points.join(" ")} ${sparkWidth},${sparkHeight}`} />
      <polyline points={points.join(" ")} />
    </svg>
  );
}
