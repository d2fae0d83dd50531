import { describe, expect, it } from "vitest";
import { chooseGroups } from "./choose-groups.ts";
import { chooseSplit, type TrainingShard } from "./choose-split.ts";
import { quotasOf } from "./quotas.ts";

/** Numbers that look random and are the same every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Of videos with 1 to 40 clips few have many, as in Panda-70M. */
const fewHaveMany = (random: number): number => Math.min(40, Math.floor(1 / (1 - random)));
const anyNumber = (random: number): number => 1 + Math.floor(40 * random);

/** 900 shards of 500 clips of videos with 1 to 40 of them, which lie wherever chance puts them. */
function generated(sizeOf: (random: number) => number): {
  readonly shards: TrainingShard[];
  readonly groupsOf: readonly (readonly string[])[];
} {
  const random = seeded(7);
  const clips: string[] = [];
  for (let video = 0; clips.length < 450_000; video += 1) {
    const size = sizeOf(random());
    for (let clip = 0; clip < size && clips.length < 450_000; clip += 1) clips.push(`yt:${video}`);
  }
  for (let at = clips.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [clips[at], clips[other]] = [clips[other] ?? "", clips[at] ?? ""];
  }
  const groupsOf = Array.from({ length: 900 }, (_, shard) => clips.slice(shard * 500, shard * 500 + 500));
  return { groupsOf, shards: groupsOf.map((groups, shard) => shardOf(`s${shard}`, groups, 0)) };
}

function shardOf(name: string, groups: readonly string[], share: number | null): TrainingShard {
  return {
    share,
    name,
    samples: groups.length,
    async *read() {
      for (const group of groups) yield { group, samples: 1 };
    },
  };
}

describe("a quota of videos with 1 to 40 clips over 900 shards of 500", () => {
  it.each([
    ["few have many", fewHaveMany, 2000],
    ["each number is as likely", anyNumber, 2000],
    ["each number is as likely and a tenth is asked", anyNumber, 45_000],
  ])(
    "is met where %s, and costs at most one in a hundred of what is trained on",
    async (_what, sizeOf, quota) => {
      const { shards, groupsOf } = generated(sizeOf);
      const terms = { seed: 42, budgets: [4500] };
      const { shares } = await chooseSplit(shards, [{ quota, set: 0 }], terms);
      const [only] = shares;
      expect(only?.got).toBe(quota);
      // Counted again from the outside: what training loses is all of the groups that are chosen.
      const chosen = new Set(only?.takes.map(({ group }) => group));
      const lost = groupsOf.flat().filter((group) => chosen.has(group)).length;
      expect(lost - quota).toBe(only?.excluded);
      expect(only?.excluded).toBeLessThanOrEqual(4500);
      expect(await chooseSplit(shards, [{ quota, set: 0 }], terms)).toEqual({ shares });
    },
  );

  it("is told as short where its clips cannot be had for that", async () => {
    const { shards } = generated(anyNumber);
    // Every second shard is of something that nothing is asked of.
    const halves = shards.map((shard, at) => ({ ...shard, share: at % 2 === 0 ? 0 : null }));
    const { shares } = await chooseSplit(halves, [{ quota: 2000, set: 0 }], { seed: 42, budgets: [10] });
    expect(shares[0]?.got).toBeLessThan(2000);
    expect(shares[0]?.excluded).toBeLessThanOrEqual(10);
  });
});

describe("groups for a quota", () => {
  const of = (group: string, samples: number, outside: number, spread = 0) => ({
    ...{ group, samples, outside, spread },
  });

  it("are first those that lie wholly in the pool, then those that can be taken whole, then the cheapest", () => {
    const candidates = [of("dear", 1, 9), of("cheap", 2, 1), of("wide", 4, 0, 3), of("closed", 3, 0)];
    const choice = chooseGroups(candidates, { quota: 9, budget: 5, seed: 1 });
    expect(choice).toEqual({
      takes: [
        { group: "closed", take: 3 },
        { group: "wide", take: 4 },
        { group: "cheap", take: 2 },
      ],
      ...{ got: 9, closed: 3, excluded: 1, refused: 0 },
    });
  });

  it("are taken in part where one is larger than what is lacking, and the rest is left out", () => {
    const choice = chooseGroups([of("big", 5, 0)], { quota: 3, budget: 2, seed: 1 });
    expect(choice).toEqual({
      takes: [{ group: "big", take: 3 }],
      got: 3,
      closed: 3,
      excluded: 2,
      refused: 0,
    });
    expect(chooseGroups([of("big", 5, 0)], { quota: 3, budget: 1, seed: 1 }).got).toBe(0);
  });

  it("cost a later share nothing where an earlier one has taken them", async () => {
    const shards = [shardOf("a", ["yt:1"], 0), shardOf("b", ["yt:1"], 1)];
    const { shares } = await chooseSplit(
      shards,
      [
        { quota: 1, set: 0 },
        { quota: 1, set: 1 },
      ],
      { seed: 42, budgets: [1, 0] },
    );
    expect(shares.map(({ got }) => got)).toEqual([1, 1]);
  });
});

it("quotas are proportional, to the last sample", () => {
  expect(quotasOf(10, [1, 1, 1])).toEqual([4, 3, 3]);
  expect(quotasOf(3000, [1_000_000, 313])).toEqual([2999, 1]);
  expect(quotasOf(3, [0, 0])).toEqual([0, 0]);
});
