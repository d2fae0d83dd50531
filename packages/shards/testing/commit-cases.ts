import { byChance } from "./by-chance.ts";
import { lieOf, type Making, nothing, type World } from "./commit-world.ts";
import { type DraftState, draftWriter, type SideOrder } from "./commit-writers.ts";
import { alone, type Outcome, type Watch, type Writer, walkOne } from "./interleavings.ts";

export const full: Making = { isEmpty: false, work: "now" };
const empty: Making = { isEmpty: true, work: "now" };
/** Of an earlier plan, whose worker wakes late. */
export const late: Making = { isEmpty: false, work: "before" };

export const committed: World = {
  tar: "old",
  manifest: { identity: "old", tar: "old" },
  sides: ["old", "old"],
  drafts: {},
};

/** How the folder may look when the writers begin. */
export const starts: Readonly<Record<string, World>> = {
  nothing,
  "a tar that a crash of 0.1 left": { ...nothing, tar: "old", sides: ["old", null] },
  "a draft that was not published": { ...nothing, drafts: { old: full } },
  "a draft whose tar lies there": { ...nothing, tar: "old", drafts: { old: full } },
  "a draft of an empty shard": { ...nothing, drafts: { old: empty } },
  "a committed shard": committed,
  "a committed shard whose draft was left": { ...committed, drafts: { old: full } },
  "a committed empty shard": {
    ...nothing,
    manifest: { identity: "old", tar: null },
    sides: ["old", null],
  },
};

/** Things that verify or a person found: the manifest is not of what lies there. */
export const damaged: Readonly<Record<string, World>> = {
  "a manifest without its tar": { ...committed, tar: null },
  "a manifest with another tar": { ...committed, tar: "cut" },
  "a manifest of an empty shard beside a tar": { ...committed, manifest: { identity: "old", tar: null } },
};

interface Pair {
  readonly writers: readonly Writer<DraftState, World>[];
  /** The manifest that one of them was told to replace. */
  readonly replaces: string | null;
}

/** The second of two places its sides in the other order. */
const backwards: SideOrder = [1, 0];

const plain = (...all: readonly [string, Making][]): Pair => ({
  writers: all.map(([name, made], at) => draftWriter(name, made, null, at === 1 ? backwards : undefined)),
  replaces: null,
});

function repairing(first: Making, second: Making, both: boolean): Pair {
  const writers = [draftWriter("a", first, "old"), draftWriter("b", second, both ? "old" : null, backwards)];
  return { writers, replaces: "old" };
}

export const pairs: Readonly<Record<string, Pair>> = {
  "two of one shard": plain(["a", full], ["b", full]),
  "one empty, one not": plain(["a", full], ["b", empty]),
  "two empty": plain(["a", empty], ["b", empty]),
  "one of an earlier plan": plain(["a", full], ["b", late]),
  "two repairs": repairing(full, full, true),
  "a repair and a late twin": repairing(full, full, false),
  "a repair that is empty, and a late twin": repairing(empty, full, false),
  "an earlier plan that is repaired": repairing(full, late, true),
};

/**
 * Throws as soon as a manifest lies beside what it does not name, or what is committed changes unasked. Every draft counts
 * as other bytes: what holds then, holds where some have the same.
 */
export function watching(start: World, replaced: string | null): Watch<World> {
  const healed = new Set<string>();
  return {
    moment({ before, after }) {
      const lie = lieOf(after, own);
      const isFound = after.manifest?.identity === "old" && lieOf(start, own) !== null;
      if (lie !== null && !isFound) throw new Error(lie);
      const was = before.manifest;
      if (was === null || was.identity === replaced || lieOf(before, own) !== null) return;
      if (after.manifest?.identity !== was.identity) throw new Error(`${was.identity} is replaced`);
    },
    outcome({ world, ends }: Outcome<World>) {
      if (!ends.includes(null)) {
        if (world.manifest === null && !ends.includes("lost"))
          throw new Error("all came to their end, and nothing is committed");
        if (["a", "b", "c"].some((name) => world.drafts[name] !== undefined))
          throw new Error("a draft is left by a writer that lives");
      }
      const key = JSON.stringify(world);
      if (healed.has(key)) return;
      healed.add(key);
      const after = alone(world, draftWriter("z", full));
      if (after.manifest === null || lieOf(after, own) !== null)
        throw new Error("what they left cannot be finished");
    },
  };
}

function own(whose: string): string {
  return whose;
}

/** Orders by chance of three writers on all that may lie there; every second one without deaths. */
export function walkByChance({ rounds, seed }: { readonly rounds: number; readonly seed: number }): void {
  const { random, pick } = byChance(seed);
  const thirds = [
    draftWriter("c", full),
    draftWriter("c", empty, null, backwards),
    draftWriter("c", full, "old", backwards),
  ];
  for (let round = 0; round < rounds; round += 1) {
    const { writers, replaces } = pick(Object.values(pairs));
    const third = pick(thirds);
    const start = pick(Object.values({ ...starts, ...damaged }));
    const watch = watching(start, third === thirds[2] ? "old" : replaces);
    walkOne(start, [...writers, third], { random, deadly: round % 2 === 0 ? 0.02 : 0 }, watch);
  }
}
