import type { Remark } from "@shardmill/core";
import type { BuildStatus } from "@shardmill/pipeline/status";
import { safeText } from "../text/clean-text.ts";
import { cutTo } from "../text/columns.ts";
import { countText, plural } from "../text/format.ts";

const mostLines = 10;
const mostLetters = 200;

/** What costs no member and should be known: a line for each code of the annotations and of each part listed. */
export function remarkLines(
  { parts, annotationRemarks }: Pick<BuildStatus, "parts" | "annotationRemarks">,
  all: boolean,
): string[] {
  const lines = [
    ...annotationRemarks.map((remark) => lineOf("annotations", remark)),
    ...parts.flatMap(({ label, remarks }) => remarks.map((remark) => lineOf(label, remark))),
  ];
  if (all || lines.length <= mostLines) return lines;
  return [
    ...lines.slice(0, mostLines),
    `and ${plural(lines.length - mostLines, "more remark")} (status --all lists them)`,
  ];
}

function lineOf(place: string, { code, count, detail }: Remark): string {
  const times = count === 1 ? "" : ` ×${countText(count)}`;
  return cutTo(`remark: ${place}: ${code}${times}: ${safeText(detail)}`, mostLetters);
}
