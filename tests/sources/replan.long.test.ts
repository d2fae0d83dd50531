import { preparePart } from "@shardmill/pipeline";
import { afterEach, describe, expect, it } from "vitest";
import {
  captionsIn,
  type Kind,
  killedAt,
  look,
  openAt,
  part,
  partStatus,
  ReplanHouse,
  signal,
  work,
} from "./replan-house.ts";

/** A part is planned anew, and the process is killed before each of its steps in turn. */
const houses: ReplanHouse[] = [];
afterEach(async () => {
  await Promise.all(houses.splice(0).map((house) => house.close()));
});

async function open(kind: Kind): Promise<ReplanHouse> {
  const house = await ReplanHouse.open(kind);
  houses.push(house);
  return house;
}

describe.each(["zips", "targzs"] as const)("a part of %s whose captions changed", (kind) => {
  it("killed before any step of its planning is stale or right, and is finished by the same order", async () => {
    const house = await open(kind);
    const whole = await house.built();
    await house.caption({ 0: "First.", 5: "Another." });
    await look(whole);
    for (let step = 0; ; step += 1) {
      expect(step).toBeLessThan(60);
      const out = await house.copyOf(whole);
      await using opened = await openAt(out);
      const run = preparePart(
        killedAt(opened.context, step),
        part,
        { order: { kind: "stale" }, run: 2 },
        signal,
      );
      const isKilled = await run.then(
        () => false,
        () => true,
      );
      const { state, shards } = await partStatus(out);
      if (state !== "stale") expect([state, shards.done]).toEqual(["partial", 2]);
      // Whoever asks for what is missing is refused, or goes by a plan of what the source has now.
      await preparePart(opened.context, part, { order: { kind: "missing" }, run: 3 }, signal).catch(() => []);
      expect(await work(opened, { kind: "stale" })).toBe(2);
      expect(captionsIn(out)).toMatchObject({
        "0.png": "First.",
        "1.png": "Picture 1.",
        "5.png": "Another.",
      });
      expect(await partStatus(out)).toMatchObject({ state: "done", packed: 8 });
      if (!isKilled) break;
    }
  });
});
