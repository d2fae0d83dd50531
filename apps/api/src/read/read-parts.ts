import type { PartStatus } from "@shardmill/pipeline";
import type { z } from "zod";
import type { PartsPage, partsQuerySchema } from "../contract/index.ts";
import { partOf } from "./status-now.ts";

type Asked = z.output<typeof partsQuerySchema>;

/** A page of parts: those of the states and with the text in their label, in the order that was asked for. */
export function readParts(all: readonly PartStatus[], asked: Asked): PartsPage {
  const { state, search, order, page, pageSize } = asked;
  const text = search?.toLocaleLowerCase("en-US");
  const chosen = all.filter(
    (part) =>
      (state === undefined || state.includes(part.state)) &&
      (text === undefined || part.label.toLocaleLowerCase("en-US").includes(text)),
  );
  const figure = figures[order];
  // Sorting keeps the order of numbers among equals.
  const sorted = figure === null ? chosen : chosen.toSorted((a, b) => figure(b) - figure(a));
  const parts = sorted.slice((page - 1) * pageSize, page * pageSize).map(partOf);
  return { page, pageSize, total: chosen.length, parts };
}

/** The most first; null is the plan's own order. */
const figures: Readonly<Record<Asked["order"], ((part: PartStatus) => number) | null>> = {
  number: null,
  failed: ({ failed }) => failed,
  skipped: ({ skipped }) => skipped,
  samples: ({ samples }) => samples,
  size: ({ shardBytes }) => shardBytes,
};
