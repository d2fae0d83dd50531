import type { RequestRecord } from "@shardmill/owner/requests";
import { safeText } from "../text/clean-text.ts";
import { plural } from "../text/format.ts";

/** Who asked for what, the newest first; none where nobody did. */
export function requestLines(requests: readonly RequestRecord[]): string[] {
  return requests.map((request, row) => `${row === 0 ? "asked:     " : "           "} ${lineOf(request)}`);
}

function lineOf({ at, verb, about, origin, result, parts, code }: RequestRecord): string {
  const who = origin.kind === "command" ? origin.who : `${origin.kind} ${origin.who}`;
  const what = about === null ? verb : `${verb} ${about}`;
  const outcome =
    result === "queued" && parts !== null
      ? `${plural(parts, "part")} queued`
      : `${result.replaceAll("_", " ")}${code === null ? "" : ` (${code})`}`;
  return safeText(`${at.slice(0, 19).replace("T", " ")} UTC, ${who}: ${what}: ${outcome}`);
}

export function requestJson({ version: _, ...request }: RequestRecord): object {
  return request;
}
