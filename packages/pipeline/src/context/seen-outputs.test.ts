import { cp, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "@shardmill/core";
import { openRecords, openStore, type Records, writeOutputMark } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type OtherOutput, SeenOutputs } from "./seen-outputs.ts";

let scratch: string;
let out: string;
let records: Records;
const task = { build: "openvid-1m-a", dataset: "openvid-1m" };

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-seen-"));
  out = join(scratch, "out");
  records = openRecords(await openStore(out), task.dataset);
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

const mark = (word: string | null) => async (): Promise<string | null> => word;
const told: OtherOutput[] = [];

function seen(outRoot: string): SeenOutputs {
  told.length = 0;
  return new SeenOutputs({ outRoot }, (other) => told.push(other));
}

it("takes jobs where the mark is the build's, and none where it is another's or nothing is there", async () => {
  const first = await writeOutputMark(records, task.build);
  const copy = join(scratch, "copy");
  await cp(out, copy, { recursive: true });
  const { word } = await writeOutputMark(records, task.build);
  const ours = seen(out);
  expect(await ours.during(task, mark(word), async () => 1)).toBe(1);
  expect(await ours.during(task, mark(null), async () => 2)).toBe(2);
  expect([ours.others(), told, first.word === word]).toEqual([[], [], false]);
  for (const [place, build, why] of [
    [copy, task.build, /a copy/],
    [join(scratch, "empty"), task.build, /has no build of openvid-1m/],
    [out, "openvid-1m-b", /has the build openvid-1m-a/],
  ] as const) {
    const other = seen(place);
    const job = other.during({ ...task, build }, mark(word), async () => 3);
    await expect(job).rejects.toMatchObject({ code: "output_differs", message: expect.stringMatching(why) });
    expect(other.others()).toMatchObject([{ build, code: "output_differs" }]);
    expect(told.length).toBe(1);
  }
});

it("of an output that goes away, a job that fails is put down to that, and it is seen when it is there again", async () => {
  const { word } = await writeOutputMark(records, task.build);
  const ours = seen(out);
  const away = `${out}.away`;
  const fails = ours.during(task, mark(word), async () => {
    await rename(out, away);
    await mkdir(out);
    throw new Failure("record_invalid", "the part has no plan");
  });
  await expect(fails).rejects.toMatchObject({ code: "output_away", retry: "later" });
  await expect(ours.during(task, mark(word), async () => 1)).rejects.toMatchObject({ code: "output_away" });
  await rename(away, out);
  expect(await ours.during(task, mark(word), async () => 2)).toBe(2);
  const own = ours.during(task, mark(word), async () => {
    throw new Failure("decoder_unavailable", "its own fault");
  });
  await expect(own).rejects.toMatchObject({ code: "decoder_unavailable" });
  expect(told).toEqual([]);
});
