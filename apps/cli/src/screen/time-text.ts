import type { BuildTime } from "@shardmill/owner/time";
import { durationText } from "../text/format.ts";

/** When the build was at work last, and how long; null where it never was. */
export function timeText({ state, beganAt, seconds }: BuildTime): string | null {
  if (beganAt === null) return null;
  const began = `began ${beganAt.slice(0, 19).replace("T", " ")} UTC`;
  const length = durationText(seconds);
  switch (state) {
    case "none":
      return null;
    case "running":
      return `${began}, at work for ${length}`;
    case "ended":
      return `${began}, ended after ${length}`;
    case "unknown":
      return `${began}, last seen after ${length}; its end is not recorded`;
    default:
      return state satisfies never;
  }
}
