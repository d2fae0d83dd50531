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

/**
 * 900 shards of 500 clips of videos with 1 to 40 of them: few have many, as in Panda-70M. The clips of a video lie wherever chance puts
 * them.
 */
function generated(): {
  readonly shards: TrainingShard[];
  readonly groupsOf: readonly (readonly string[])[];
} {
  const random = seeded(7);
  const clips: string[] = [];
  for (let video = 0; clips.length < 450_000; video += 1) {
    const size = Math.min(40, Math.max(1, Math.floor(1 / (1 - random()))));
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
  it("is met, and costs at most one in a hundred of what is trained on", async () => {
    const { shards, groupsOf } = generated();
    const { shares } = await chooseSplit(shards, [{ quota: 2000, set: 0 }], { seed: 42, budgets: [4500] });
    const [only] = shares;
    expect(only?.got).toBe(2000);
    // Counted again from the outside: what training loses is all of the groups that are chosen.
    const chosen = new Set(only?.takes.map(({ group }) => group));
    const lost = groupsOf.flat().filter((group) => chosen.has(group)).length;
    expect(lost - 2000).toBe(only?.excluded);
    expect(lost).toBeLessThanOrEqual(4500);
    expect(await chooseSplit(shards, [{ quota: 2000, set: 0 }], { seed: 42, budgets: [4500] })).toEqual({
      shares,
    });
  });

  it("is told as short where its clips cannot be had for that", async () => {
    const { shards } = generated();
    const { shares } = await chooseSplit(shards, [{ quota: 300_000, set: 0 }], { seed: 42, budgets: [10] });
    expect(shares[0]?.got).toBeLessThan(300_000);
    expect(shares[0]?.excluded).toBeLessThanOrEqual(10);
  });
});

describe("groups for a quota", () => {
  const of = (group: string, inside: number, outside: number) => ({ group, inside, outside });

  it("are first those that lie wholly in the pool, then the cheapest", () => {
    const candidates = [of("dear", 1, 9), of("cheap", 2, 1), of("closed", 3, 0)];
    const choice = chooseGroups(candidates, { quota: 5, budget: 5, seed: 1 });
    expect(choice).toEqual({
      takes: [
        { group: "closed", take: 3 },
        { group: "cheap", take: 2 },
      ],
      ...{ got: 5, closed: 3, excluded: 1, refused: 0 },
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
