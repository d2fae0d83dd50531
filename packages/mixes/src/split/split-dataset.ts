import { type Dataset, datasetSchema, type Terms } from "@shardmill/core";
import { jointTerms } from "../terms/joint-terms.ts";
import type { TermsRow } from "../terms/output-terms.ts";
import type { SplitPlan } from "./plan-split.ts";

/** What a split's output is described as: for evaluation, each of the outputs that it is taken of a subset with that one's terms. */
export function splitDataset({ entry, outputs }: Pick<SplitPlan, "entry" | "outputs">): Dataset {
  const rows = outputs.flatMap(({ terms }) => terms);
  return datasetSchema.parse({
    name: entry.name,
    title: entry.title,
    description: `Held out of training: samples of ${outputs.map(({ facts }) => facts.name).join(", ")}.`,
    keyPrefix: entry.name,
    sourceName: entry.name,
    ...termsTogether(rows),
    subsetTerms: Object.fromEntries(
      outputs.map(({ facts, terms }) => {
        const { license, terms: own } = termsTogether(terms);
        return [facts.name, { ...own, license }];
      }),
    ),
    purpose: "eval",
    source: { kind: "folder" },
    parts: [{ archive: "tar", path: "{subset}-{part}.tar" }],
    // A sample says itself what it shows: of several kinds, clips are what most readers have to know of.
    media:
      outputs.find(({ facts }) => facts.media === "video")?.facts.media ?? outputs[0]?.facts.media ?? "video",
    annotations: { kind: "none" },
    text: { adapter: "caption" },
    bibtex: [...new Set(outputs.map(({ facts }) => facts.dataset.bibtex).filter((text) => text !== ""))].join(
      "\n",
    ),
    citation: [
      ...new Set(outputs.map(({ facts }) => facts.dataset.citation).filter((text) => text !== "")),
    ].join(" "),
  });
}

function termsTogether(rows: readonly TermsRow[]): { readonly license: string; readonly terms: Terms } {
  const { commercial, redistribution, requires } = jointTerms(rows);
  return {
    license: [...new Set(rows.map(({ terms }) => terms.license))].join("; "),
    terms: { commercial, redistribution, requires: requires.map(({ text }) => text) },
  };
}
