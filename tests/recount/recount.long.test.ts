import { readFileSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MixedHouse } from "../faults/mixed-house.ts";
import { partsByLabel, statusOf } from "../support/build-status.ts";
import { findPython, type Recount, recount } from "./recount.ts";

/** Shards and ledgers held against each other by a program of another language and another author's tar reader. */

const python = findPython();
if (python === null) console.warn("recount: skipped, for there is no python3 here");

describe.skipIf(python === null)("a finished build, counted again by Python's tarfile", () => {
  let house: MixedHouse;
  let counted: Recount;

  beforeAll(async () => {
    house = await MixedHouse.open();
    counted = recount(python ?? "", house.folder());
  });
  afterAll(() => house.close());

  it("agrees with ledgers and status to the sample: no key twice, every sample whole and in one piece", async () => {
    expect(counted.problems).toEqual([]);
    expect(counted.samples).toBe(house.samples);
    const { totals } = await statusOf(house.dataset, house.out);
    expect(totals.samples).toBe(counted.samples);
    for (const [label, part] of Object.entries(await partsByLabel(house.dataset, house.out))) {
      const { members, packed, failed, skipped, byCode } = part;
      const own = counted.parts[`${house.dataset}-${label}`];
      expect(own, label).toEqual({ members, packed, failed, skipped, byCode });
      expect(members).toBe(packed + failed + skipped);
    }
  });

  const shard = (folder: string, name: string) => join(folder, `mixed-${name}.tar`);
  const ledger = (folder: string, name: string) => join(folder, `.shardmill/ledger/mixed-${name}.jsonl`);
  const changed = (file: string, change: (text: string) => string) =>
    writeFileSync(file, change(readFileSync(file, "latin1")), "latin1");
  const blind: readonly (readonly [what: string, told: RegExp, damage: (folder: string) => void])[] = [
    [
      "a sample that the tar lacks",
      /in no tar/,
      (folder) => writeFileSync(shard(folder, "p0072-r01"), Buffer.alloc(10_240)),
    ],
    [
      "a ledger line that is gone",
      /not packed by its ledger/,
      (folder) => changed(ledger(folder, "p0073-0001"), (text) => text.slice(text.indexOf("\n") + 1)),
    ],
    [
      "a member that two ledgers tell of",
      /has a line already/,
      (folder) =>
        writeFileSync(
          ledger(folder, "p0073-0001"),
          readFileSync(ledger(folder, "p0073-0000"), "utf8") +
            readFileSync(ledger(folder, "p0073-0001"), "utf8"),
        ),
    ],
    [
      "the same tar under two names",
      /is in mixed-p0073-0000.tar already/,
      (folder) => writeFileSync(shard(folder, "p0073-0009"), readFileSync(shard(folder, "p0073-0000"))),
    ],
  ];

  it.each(blind)("and is not blind: it finds %s", async (what, told, damage) => {
    const copy = join(house.scratch, what.replaceAll(" ", "-"));
    await cp(house.folder(), copy, { recursive: true });
    damage(copy);
    expect(recount(python ?? "", copy).problems.join("\n")).toMatch(told);
  });
});
