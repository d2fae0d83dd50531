import type { Workers } from "@shardmill/api/contract";
import { useAnswer } from "../data/use-answer.ts";
import { useLive } from "../data/use-live.ts";
import { clock } from "../data/words.ts";

export function ConnectionBanner() {
  const { connection, heardAt } = useLive();
  if (connection === "full") {
    return (
      <div class="banner" role="status">
        As many pages as the service lets are open already: this one is not told what happens, and asks every
        ten seconds. It is told again once another page has been closed.
      </div>
    );
  }
  if (connection !== "lost") return null;
  return (
    <div class="banner" role="alert">
      <span class="spinner" aria-hidden="true" />
      Reconnecting.{" "}
      {heardAt === null
        ? "The service has not been heard yet."
        : `The figures below are of ${clock(heardAt.toISOString())}; nothing can be asked for until the service answers.`}
    </div>
  );
}

/** What is wrong with workers, queue or disk, said once and loudly. */
export function Alarms() {
  const { data } = useAnswer<Workers>("/api/workers", null, 4_000);
  if (data === null || data.alarms.length === 0) return null;
  return (
    <div class="alarms" role="alert">
      {data.alarms.map(({ code, message, remedy }) => (
        <div class={`alarm ${code}`} key={code}>
          <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
            <path
              d="M10 2.500 18.500 17h-17Z"
              fill="none"
              stroke="currentColor"
              stroke-width="1.700"
              stroke-linejoin="round"
            />
            <path
              d="M10 8v4.200M10 14.200v.1"
              stroke="currentColor"
              stroke-width="1.800"
              stroke-linecap="round"
            />
          </svg>
          <p>
            <strong>{sentence(message)}</strong> {sentence(remedy)}
          </p>
        </div>
      ))}
    </div>
  );
}

export function sentence(text: string): string {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
