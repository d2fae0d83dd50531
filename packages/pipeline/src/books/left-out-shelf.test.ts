import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Code, countLines, type LedgerLine, noCounts, outcomeOf } from "@shardmill/core";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  aBuildRecord,
  aLedgerLine,
  aLeftOutLine,
  aListedPart,
  aManifest,
  aPlan,
} from "../../../core/testing/records.ts";
import { selectRetry } from "../build/select-retry.ts";
import { failedLines } from "./failed-lines.ts";
import { LeftOutShelf } from "./left-out-shelf.ts";
import { listFailures } from "./list-failures.ts";
import { readPartLines } from "./part-lines.ts";
import { noQueue, statusOf } from "./read-status.ts";

const part = { subset: null, part: 7 };
const { signal } = new AbortController();
let root: string;
let records: Records;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "shardmill-left-out-"));
  records = openRecords(await openStore(root), "toy");
  await records.writePlanLedger(part, [line(0, "not_media")]);
});
afterEach(() => rm(root, { recursive: true, force: true }));

function line(position: number, code: Code | null): LedgerLine {
  const member = `clip "outcome":"packed" ${position}.mp4`;
  if (code === null) return aLedgerLine({ position, member, key: `toy-p0007-${position}`, frames: 8 });
  return aLeftOutLine({ position, member, outcome: outcomeOf(code), code, detail: `said ${code}` });
}

const identity = { contentId: "c".repeat(64), annotationsId: "a".repeat(64), recipeHash: "e".repeat(64) };

async function publish(
  shard: string,
  place: { range: number } | { supplement: number; supersedes: readonly LedgerLine[] },
  lines: readonly LedgerLine[],
): Promise<void> {
  await records.writeLedger(shard, lines);
  const isRange = "range" in place;
  const manifest = aManifest({
    shard,
    ...part,
    range: isRange ? place.range : null,
    supplement: isRange ? null : place.supplement,
    first: lines[0]?.position ?? 0,
    last: lines.at(-1)?.position ?? 0,
    ...identity,
    counts: countLines(lines),
    supersedes: isRange ? null : countLines(place.supersedes),
  });
  await records.writeManifest(manifest);
}

/** Two ranges and two supplements: 3 is saved by the first, 5 fails otherwise in the first and is saved by the second. */
async function publishPart(): Promise<void> {
  const [three, five, eight] = [line(3, "decode_timeout"), line(5, "decode_timeout"), line(8, "bad_crc")];
  await publish("toy-p0007-0000", { range: 0 }, [line(1, null), line(2, null), three]);
  await publish("toy-p0007-0001", { range: 1 }, [five, line(6, null), eight]);
  const again = line(5, "decoder_crash");
  await publish("toy-p0007-r01", { supplement: 1, supersedes: [three, five] }, [line(3, null), again]);
  await publish("toy-p0007-r02", { supplement: 2, supersedes: [again] }, [line(5, null)]);
}

const said = (lines: readonly LedgerLine[]): string[] =>
  lines.map(({ position, code }) => `${position} ${code}`);

describe("the members left out of a part", () => {
  it("are those whose latest record says so, supplements included, as a full reading of the ledgers has it", async () => {
    await publishPart();
    const found = await new LeftOutShelf(records).of(part, signal);
    expect(said(found)).toEqual(["0 not_media", "8 bad_crc"]);
    const all = [...(await readPartLines(records, part, signal)).values()];
    expect(found).toEqual(
      all.filter(({ outcome }) => outcome !== "packed").sort((a, b) => a.position - b.position),
    );
  });

  it("come with each further supplement, from the same shelf", async () => {
    const shelf = new LeftOutShelf(records);
    const failed = [line(3, "decode_timeout"), line(5, "decode_timeout")];
    await publish("toy-p0007-0000", { range: 0 }, [line(1, null), ...failed]);
    expect(said(await shelf.of(part, signal))).toEqual([
      "0 not_media",
      "3 decode_timeout",
      "5 decode_timeout",
    ]);
    const again = [line(3, null), line(5, "decoder_crash")];
    await publish("toy-p0007-r01", { supplement: 1, supersedes: failed }, again);
    expect(said(await shelf.of(part, signal))).toEqual(["0 not_media", "5 decoder_crash"]);
  });

  it("are read again when a ledger was replaced, and only then", async () => {
    await publishPart();
    const shelf = new LeftOutShelf(records);
    const [first] = await shelf.of(part, signal);
    expect((await shelf.of(part, signal))[0]).toBe(first);
    await records.writePlanLedger(part, [line(0, "unsafe_name")]);
    expect((await shelf.of(part, signal))[0]?.code).toBe("unsafe_name");
  });

  it("are the same from a shelf that keeps nothing", async () => {
    await publishPart();
    const shelf = new LeftOutShelf(records, { mostLines: 0 });
    expect(shelf.isFull).toBe(true);
    for (const _ of [1, 2]) expect(said(await shelf.of(part, signal))).toEqual(["0 not_media", "8 bad_crc"]);
    const listed = [];
    for await (const { position, code, part: label } of listFailures(records, [part], signal))
      listed.push(`${label} ${position} ${code}`);
    expect(listed).toEqual(["p0007 0 not_media", "p0007 8 bad_crc"]);
  });

  it("of a ledger that is damaged are told with the file and the line", async () => {
    await publishPart();
    await writeFile(join(root, records.paths.ledger("toy-p0007-0001")), '{"position":5}\n');
    await expect(new LeftOutShelf(records).of(part, signal)).rejects.toMatchObject({
      code: "record_invalid",
      message: expect.stringContaining("toy-p0007-0001.jsonl cannot be read: line 1"),
    });
  });
});

describe("a retry of failed samples", () => {
  const plan = aPlan({
    ...part,
    ...identity,
    members: 7,
    leftOut: countLines([line(0, "not_media")]),
    annotationsUsed: 6,
  });
  const build = aBuildRecord({
    recipeHash: identity.recipeHash,
    parts: [aListedPart(part)],
    selected: [part],
  });

  it("selects by counts what it would find in the ledgers, after supplements too", async () => {
    await publishPart();
    const books = { plans: [plan], manifests: await records.listManifests(), ends: [], annotations: [] };
    const status = statusOf(build, books, noQueue);
    for (const codes of [
      ["decode_timeout"],
      ["decoder_crash"],
      ["bad_crc"],
      ["bad_crc", "decode_timeout"],
    ] as const) {
      const [item] = selectRetry(status, { kind: "failed-samples", codes, parts: null });
      const lines = await failedLines({ records }, part, codes, signal);
      expect(item?.samples ?? 0, codes.join()).toBe(lines.length);
    }
    expect(status.totals.byCode).not.toEqual(noCounts.byCode);
  });
});
