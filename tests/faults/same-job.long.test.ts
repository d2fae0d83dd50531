import { cp } from "node:fs/promises";
import { millShard } from "@shardmill/pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MillHouse } from "./mill-house.ts";
import { openMill } from "./open-mill.ts";

/** Two workers that were given the same job at the same time. */
let house: MillHouse;
beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 4, samplesPerShard: 2, seconds: 1 });
});
afterAll(() => house.close());

describe("two workers with the same job", () => {
  it("commit the shard once, with the same bytes, and leave nothing", async () => {
    const finished = house.newOut();
    await house.finish(finished);
    const out = house.newOut();
    await cp(finished, out, { recursive: true, preserveTimestamps: true });
    const mills = await Promise.all(
      ["one/1", "two/2"].map((worker) => openMill(out, house.quick.endpoint, { worker })),
    );
    for (let round = 0; round < 3; round += 1) {
      await mills[0]?.context.records.removeShard("openvid-1m-p0072-0000");
      const ends = await Promise.all(
        mills.map(({ context, tools }) =>
          millShard(
            context,
            { part: { subset: null, part: 72 }, task: { kind: "range", range: 0 } },
            tools,
            new AbortController().signal,
          ),
        ),
      );
      expect(
        ends
          .flat()
          .map(({ kind }) => kind)
          .sort(),
      ).toEqual(["already", "committed"]);
      await house.expectAsIfNothingHappened(out);
    }
    await Promise.all(mills.map((mill) => mill.close()));
  });
});
