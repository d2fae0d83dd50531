import { describe, expect, it } from "vitest";
import { damaged, pairs, starts, walkByChance, watching } from "../../testing/commit-cases.ts";
import { walkAll } from "../../testing/interleavings.ts";

describe("the draft protocol, in every order of two writers with deaths between any two steps", () => {
  for (const [pair, { writers, replaces }] of Object.entries(pairs)) {
    it(`${pair}, whatever lies there: a manifest always names the tar that lies there`, () => {
      let states = 0;
      for (const start of Object.values({ ...starts, ...damaged }))
        states += walkAll(start, writers, watching(start, replaces));
      expect(states).toBeGreaterThan(50_000);
    });
  }

  it("holds in orders by chance of three writers", () => {
    walkByChance({ rounds: 40_000, seed: 11 });
  });
});
