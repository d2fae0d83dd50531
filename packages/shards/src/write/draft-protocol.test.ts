import { describe, expect, it } from "vitest";
import { committed, full, late, pairs, starts, walkByChance, watching } from "../../testing/commit-cases.ts";
import { nothing, type World } from "../../testing/commit-world.ts";
import { draftWriter, oldWriter } from "../../testing/commit-writers.ts";
import { alone, walkAll } from "../../testing/interleavings.ts";

/** Where something has to be taken away first there are ten times as many orders: those are walked in the long test. */
const quick = [
  "nothing",
  "a draft that was not published",
  "a draft of an empty shard",
  "a committed empty shard",
];

describe("the draft protocol, in every order of two writers with deaths between any two steps", () => {
  for (const [pair, { writers, replaces }] of Object.entries(pairs)) {
    it(`${pair}: a manifest always names the tar that lies there`, () => {
      let states = 0;
      for (const found of quick.slice(0, replaces === null ? 4 : 3)) {
        const start = starts[found] ?? nothing;
        states += walkAll(start, writers, watching(start, replaces));
      }
      expect(states).toBeGreaterThan(1_000);
    });
  }

  it("a repair of what is committed, and a late twin: a manifest always names the tar that lies there", () => {
    const { writers, replaces } = pairs["a repair and a late twin"] ?? { writers: [], replaces: null };
    expect(walkAll(committed, writers, watching(committed, replaces))).toBeGreaterThan(1_000);
  });

  it("nobody who lives has to make a shard twice, without repairs and other plans", () => {
    for (const pair of ["two of one shard", "two empty"]) {
      const ends = new Set<string | null | undefined>();
      walkAll(nothing, pairs[pair]?.writers ?? [], {
        moment: () => undefined,
        outcome: (outcome) => {
          if (!outcome.ends.includes(null)) for (const end of outcome.ends) ends.add(end);
        },
      });
      expect([...ends].sort(), pair).toEqual(["finished", "standing"]);
    }
  });

  it("what died after its tar is finished by the next, with that tar", () => {
    const left: World = { ...nothing, tar: "old", drafts: { old: full } };
    expect(alone(left, draftWriter("z", full))).toEqual(committed);
    const other: World = { ...nothing, tar: "old", drafts: { old: late } };
    expect(alone(other, draftWriter("z", full)).manifest?.identity).toBe("z");
  });
});

describe("the draft protocol, in orders by chance of three writers", () => {
  it("holds as well", () => {
    walkByChance({ rounds: 2_000, seed: 7 });
  });
});

describe("the order of before, as a control", () => {
  it("is found wrong: a manifest beside another's tar", () => {
    const walk = () => walkAll(nothing, [oldWriter("a"), oldWriter("b")], watching(nothing, null));
    expect(walk).toThrow(/^a manifest of . with/);
  });
});
