import { describe, expect, it } from "vitest";
import {
  bucketPairs,
  bucketStarts,
  nothing,
  walkBucketByChance,
  watchingBucket,
} from "../../testing/bucket-cases.ts";
import { walkAll } from "../../testing/interleavings.ts";

describe("a commit in a bucket, in every order of two writers with deaths between any two requests", () => {
  for (const [name, pair] of Object.entries(bucketPairs)) {
    it(`${name}, whatever lies there: what counts as committed names the tar that lies there`, () => {
      let states = 0;
      for (const start of Object.values(bucketStarts))
        states += walkAll(start, pair.writers, watchingBucket(start, pair));
      expect(states).toBeGreaterThan(5_000);
    });
  }

  it("holds in orders by chance of three writers", () => {
    walkBucketByChance({ rounds: 4_000, seed: 5 });
  });

  it("is found wrong, as a control, where a manifest counts whatever tar lies there: a late one replaces it by its tag", () => {
    const pair = bucketPairs["one of a plan that gives way just now"] ?? { writers: [], mayReplace: true };
    const counts = () => true;
    expect(() => walkAll(nothing, pair.writers, watchingBucket(nothing, pair, counts))).toThrow(
      /^a manifest of . with the tar of/,
    );
  });
});
