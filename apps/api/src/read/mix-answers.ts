import { type MixDraft, nearestName, problemText } from "@shardmill/catalogue";
import {
  decontaminationOf,
  jointTerms,
  leftOutByReason,
  leftOutSubsets,
  type MadeMix,
  type MixPlaces,
  makeMix,
  noSums,
  publishedBefore,
  publishedMix,
} from "@shardmill/mixes";
import type { MixAnswer, Mixes } from "../contract/index.ts";
import type { Service } from "../service.ts";

/** Figures of mixes are at most this old: each is worked out from the records of all its outputs. */
const keptMs = 10_000;

/** The answer about every mix. Who asks while it is worked out waits for the same work. */
export class MixAnswers {
  readonly #service: Service;
  #made: { readonly at: number; readonly answer: Promise<Mixes> } | null = null;

  constructor(service: Service) {
    this.#service = service;
  }

  all(): Promise<Mixes> {
    const now = this.#service.clock.now();
    if (this.#made !== null && now - this.#made.at < keptMs) return this.#made.answer;
    const answer = this.#ask();
    this.#made = { at: now, answer };
    answer.catch(() => {
      this.#made = null;
    });
    return answer;
  }

  async #ask(): Promise<Mixes> {
    const { presets } = this.#service.deps;
    const mixes: MixAnswer[] = [];
    // One after the other: each holds the records of all its outputs.
    for (const draft of presets?.mixes() ?? []) mixes.push(await this.#answerOf(draft));
    const invalid = (presets?.invalid ?? []).filter(({ file }) => file.startsWith("mixes/"));
    return {
      mixes,
      invalid: invalid.map(({ file, problems }) => ({ file, problems: problems.map(problemText) })),
    };
  }

  async #answerOf(draft: MixDraft): Promise<MixAnswer> {
    const { store, signal } = this.#service;
    // As it was published: to compare it anew is nothing for a page.
    const decontamination = decontaminationOf(await publishedMix(store, draft.name));
    const made = await makeMix(draft, this.#places(), signal, decontamination);
    const before = made.plan === null ? null : await publishedBefore(store, made.plan);
    return {
      ...answerOf(draft, made, decontamination.against),
      published: before === null ? null : { changes: [...before.changes] },
    };
  }

  #places(): MixPlaces {
    const datasets = new Map(this.#service.deps.catalogue.list().map((dataset) => [dataset.name, dataset]));
    return {
      store: this.#service.store,
      dataset: (name) => datasets.get(name) ?? null,
      nearest: (name) => nearestName(name, [...datasets.keys()]),
    };
  }
}

function answerOf(
  draft: MixDraft,
  { plan, problems }: MadeMix,
  decontaminated: readonly string[],
): Omit<MixAnswer, "published"> {
  const sets = plan?.sets ?? [];
  const { commercial, redistribution } = jointTerms(sets.flatMap(({ terms }) => terms));
  return {
    name: draft.name,
    title: draft.entry?.title ?? draft.name,
    isReady: problems.length === 0,
    sets: sets.map((set) => ({
      dataset: set.facts.name,
      role: set.role,
      media: set.facts.media,
      share: set.share,
      sums: set.sums,
      excluded: set.excluded.length,
      leftOut: leftOutByReason([set]),
      leftOutSubsets: leftOutSubsets(set),
      commercial: jointTerms(set.terms).commercial,
    })),
    sums: plan?.sums ?? noSums,
    terms: { commercial, redistribution },
    notes: [...(plan?.notes ?? [])],
    decontaminated: [...decontaminated],
    command: ["shardmill mix", draft.name, ...option(decontaminated)].join(" "),
    problems: problems.map(({ path, message, command }) => ({
      path,
      message,
      command: command === undefined ? null : `shardmill ${command.join(" ")}`,
    })),
  };
}

function option(decontaminated: readonly string[]): string[] {
  return decontaminated.length === 0 ? [] : ["--decontaminate", decontaminated.join(",")];
}
