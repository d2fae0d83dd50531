import type { Workers } from "@shardmill/api/contract";
import { useAnswer } from "../data/use-answer.ts";
import { useLive } from "../data/use-live.ts";

export function ConnectionBanner() {
  const { connection } = useLive();
  if (connection !== "lost") return null;
  return (
    <div class="banner" role="alert">
      <span class="spinner" aria-hidden="true" />
      Reconnecting. The figures below are the last that were heard; the build itself goes on.
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
