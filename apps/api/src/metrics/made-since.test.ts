import { expect, it } from "vitest";
import { aManifest } from "../../../../packages/core/testing/records.ts";
import { MadeSince } from "./made-since.ts";

const shard = (range: number, minute: number) =>
  aManifest({
    shard: `toy-p0000-000${range}`,
    made: {
      ...aManifest({}).made,
      ...{ committedAt: `2026-11-20T06:0${minute}:00.000Z`, bytesRead: 100, seconds: 2, retriedClips: 1 },
    },
  });

it("counts what was committed since, once, and never falls when a shard is taken away and made again", () => {
  const since = new MadeSince(Date.parse("2026-11-20T06:05:00Z"));
  const told = (...shards: Parameters<typeof shard>[]) =>
    since.add(
      "toy",
      shards.map((one) => shard(...one)),
    ).bytesRead;
  expect(told([0, 1], [1, 4])).toBe(0);
  expect(told([0, 1], [1, 4], [2, 6])).toBe(100);
  expect(told([0, 1], [2, 6])).toBe(100);
  expect(told([0, 1], [1, 7], [2, 6])).toBe(200);
  expect(told([1, 7])).toBe(200);
  expect(since.add("other", [shard(0, 8)])).toEqual({ bytesRead: 100, seconds: 2, retriedClips: 1 });
});
