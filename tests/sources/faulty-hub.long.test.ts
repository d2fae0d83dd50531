import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../faults/until.ts";
import { healedKinds } from "../hub-stand-in/index.ts";
import { shardHashes } from "../support/read-shards.ts";
import { SourceHouse, workerLog } from "./source-house.ts";

/** A hub that fails in every way that networks do, and the real command line in front of it. */
let house: SourceHouse;
beforeAll(async () => {
  house = await SourceHouse.open();
});
afterAll(() => house.close());

describe("a build from a hub", () => {
  it("that fails one request in five, in every transient way, makes the same bytes and fetches less than 10 % more", async () => {
    const hub = await house.hub({ faults: { seed: 7, probability: 0.2 } });
    // The dice alone may leave a kind out.
    for (const kind of healedKinds)
      hub.setFault({ kind, path: "OpenVid_part73.zip", afterBytes: 500_000, retryAfterS: 0 });
    const out = house.newOut();
    const ended = await house.build(hub, out).ended;
    await house.expectAsIfNothingHappened(out, ended);
    const met = hub.log.flatMap(({ fault }) => (fault === null ? [] : [fault]));
    expect(new Set(met)).toEqual(new Set(healedKinds));
    expect(met.length).toBeGreaterThan(healedKinds.length + 3);
    const extra = hub.bytesSent() / house.referenceBytes - 1;
    expect(extra, `${met.length} faults`).toBeLessThan(0.1);
    // A whole file that was sent for a range is closed early.
    for (const { fault, bytesSent } of hub.log)
      if (fault === "range-ignored") expect(bytesSent).toBeLessThanOrEqual(65_536);
    const log = workerLog(house.folder(out));
    expect(log).toContain("source fault healed");
    // Healed where it happened: no shard job needed a second attempt.
    expect(log).not.toMatch(/"attempt":[2-9].*"shard committed"/);
  });

  it("that flips a byte on the way reads that member again", async () => {
    const hub = await house.hub({});
    // Behind the directory's reading and within the second member of whatever range comes first.
    hub.setFault({ kind: "flip", path: "OpenVid_part72.zip", afterBytes: 600_000, times: 3 });
    const out = house.newOut();
    const ended = await house.build(hub, out).ended;
    await house.expectAsIfNothingHappened(out, ended);
    const flipped = hub.log.filter(({ fault, bytesSent }) => fault === "flip" && bytesSent > 600_000);
    expect(flipped.length).toBeGreaterThan(0);
    const extra = hub.bytesSent() - house.referenceBytes;
    expect(extra).toBeGreaterThan(0);
    expect(extra).toBeLessThan(flipped.length * 1_000_000);
  });

  it("that replaces one file and loses another between two reads ends those parts, says why, and builds the other", async () => {
    const hub = await house.hub({ bytesPerSecond: 4_000_000 });
    const out = house.newOut();
    const isPlanned = (part: number) =>
      existsSync(join(house.folder(out), `.shardmill/plans/p00${part}.json`));
    const build = house.build(hub, out);
    await until("parts 73 and 74 planned", () => isPlanned(73) && isPlanned(74));
    hub.replaceFile("OpenVid_part73.zip", Buffer.alloc(house.files["OpenVid_part73.zip"]!.length, 7));
    hub.removeFile("OpenVid_part74.zip");
    const ended = await build.ended;
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stderr + ended.stdout).toMatch(/p0073.*source_changed/);
    expect(ended.stderr + ended.stdout).toMatch(/p0074.*source_not_found/);
    expect(await house.status(out).then(({ parts }) => parts.slice(72, 75))).toMatchObject([
      { label: "p0072", state: "done", packed: 12 },
      { label: "p0073", state: "failed", error: { code: "source_changed" } },
      { label: "p0074", state: "failed", error: { code: "source_not_found" } },
    ]);
    const made = shardHashes(house.folder(out));
    for (const [tar, hash] of Object.entries(made)) expect(house.reference[tar], tar).toBe(hash);
    expect(Object.keys(made).length).toBeLessThan(Object.keys(house.reference).length);
  });
});
