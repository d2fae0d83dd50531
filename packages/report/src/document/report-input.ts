import type { Architecture, MediaKind, ModelEntry } from "@shardmill/core";
import { type MixPlan, type MixProblem, rowName, type Sums, type TermsRow } from "@shardmill/mixes";
import type { SetFacts } from "../facts/set-facts.ts";

/** A model that a run uses (with the bytes of its files), or that is only cited. */
type ReportedModel = Architecture & Partial<Pick<ModelEntry, "bytes" | "revision">>;

/** A stage of training: a mix, worked out. */
export interface ReportedMix {
  readonly plan: MixPlan;
  /** What keeps it from being ready. */
  readonly problems: readonly MixProblem[];
}

/** What a report is made of: facts alone. */
export interface ReportInput {
  /** In the order in which they were named. */
  readonly mixes: readonly ReportedMix[];
  /** Each output once: those of the mixes, and those that were named. */
  readonly sets: readonly SetFacts[];
  readonly models: readonly ReportedModel[];
}

export function trainingSets({ sets }: ReportInput): SetFacts[] {
  return sets.filter(({ dataset }) => dataset.purpose === "train");
}

export function evaluationSets({ sets }: ReportInput): SetFacts[] {
  return sets.filter(({ dataset }) => dataset.purpose === "eval");
}

/**
 * The terms of what is trained on. Of a set in a mix those subsets count that the mix takes; where mixes take different ones of the same
 * name, all of the set does.
 */
export function trainingTerms(input: ReportInput): TermsRow[] {
  return trainingSets(input).flatMap((set) => {
    const mixed = input.mixes.flatMap(({ plan }) =>
      plan.sets.filter(({ facts }) => facts.name === set.facts.name).flatMap(({ terms }) => terms),
    );
    const byName = new Map<string, TermsRow>();
    for (const row of mixed) {
      const known = byName.get(rowName(row));
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(row)) return [...set.terms];
      byName.set(rowName(row), row);
    }
    return byName.size === 0 ? [...set.terms] : [...byName.values()];
  });
}

/** What keeps it from being a report of finished outputs, a line each. */
export function unfinishedLines({ mixes, sets }: ReportInput): string[] {
  return [
    ...sets.flatMap(({ facts }) => facts.unfinished.map((why) => `${facts.name} is not finished: ${why}`)),
    ...mixes.flatMap(({ plan, problems }) =>
      problems.map(
        ({ path, message }) => `${plan.name} is not ready: ${path === "" ? "" : `${path}: `}${message}`,
      ),
    ),
  ];
}

/** Of a set of texts no frames: a placeholder that its samples may have shows nothing. */
export function shownSums({ media, sums }: { readonly media: MediaKind; readonly sums: Sums }): Sums {
  return media === "none" ? { ...sums, frames: 0 } : sums;
}
