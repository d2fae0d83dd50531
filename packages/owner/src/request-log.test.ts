import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "@shardmill/core";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { afterEach, beforeEach, expect, it } from "vitest";
import { buildOf } from "../testing/build-of.ts";
import { aboutRetry, asRecorded, commandOrigin, readRequests } from "./request-log.ts";

let root: string;
let records: Records;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "shardmill-requests-"));
  records = openRecords(await openStore(root), "openvid-1m");
  await records.writeBuild(buildOf(1));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const asked = { verb: "retry", about: "missing", origin: { kind: "page", who: "127.0.0.1" } } as const;
const queued = () => ({ result: "queued", parts: 3 }) as const;
const record = (about: string) =>
  asRecorded(
    () => records,
    { ...asked, about },
    async () => null,
    queued,
  );

it("who asked for what is kept with what came of it, also where it was refused", async () => {
  await record("one");
  const refused = async (): Promise<never> => {
    throw new Failure("build_locked", "somebody else owns it");
  };
  const origin = commandOrigin();
  const again = { verb: "build", about: null, origin } as const;
  await expect(asRecorded(() => records, again, refused, queued)).rejects.toThrow("somebody else");
  expect(await readRequests(records)).toMatchObject([
    { verb: "build", origin, result: "refused", code: "build_locked", detail: "somebody else owns it" },
    { verb: "retry", about: "one", origin: asked.origin, result: "queued", parts: 3, code: null },
  ]);
  expect(origin).toMatchObject({ kind: "command", who: expect.stringMatching(/^.+@.+$/) });
});

it("a hundred are kept, however many ask at once; one that is damaged hides no other", async () => {
  await record("first");
  const [first = ""] = await records.store.list(records.paths.requests);
  const text = (await records.store.read(first)) ?? new Uint8Array();
  for (let at = 0; at < 120; at += 1)
    await writeFile(join(root, records.paths.requests, `${1_700_000_000_000 + at}.json`), text);
  await Promise.all(["a", "b", "c"].map(record));
  const kept = await readRequests(records);
  expect(kept).toHaveLength(100);
  expect(kept.slice(0, 4).map(({ about }) => about)).toEqual(
    expect.arrayContaining(["a", "b", "c", "first"]),
  );
  const [path = ""] = await records.store.list(records.paths.requests);
  await writeFile(join(root, path), "{");
  // Who has read it before has it still; another process has not.
  records = openRecords(records.store, records.dataset);
  expect(await readRequests(records)).toHaveLength(99);
  expect(await readRequests(records, 3)).toEqual(kept.slice(0, 3));
});

it("of a dataset that has no build nothing is written, and where nothing can be written the work is done all the same", async () => {
  const other = openRecords(await openStore(root), "never-built");
  expect(
    await asRecorded(
      () => other,
      asked,
      async () => 7,
      queued,
    ),
  ).toBe(7);
  expect(await other.store.list(other.paths.requests)).toEqual([]);
  await writeFile(join(root, records.paths.requests), "a file where the folder should be");
  expect(
    await asRecorded(
      () => records,
      asked,
      async () => 7,
      queued,
    ),
  ).toBe(7);
});

it("a retry is told in the words of its selection", () => {
  expect(aboutRetry({ kind: "missing", parts: null, all: true })).toBe("missing, of all parts");
  expect(aboutRetry({ kind: "parts", parts: [{ list: "parts", text: "3-4" }] })).toBe("parts 3-4");
  expect(
    aboutRetry({
      kind: "failed-samples",
      codes: ["decode_timeout", "bad_crc"],
      parts: [{ list: "parts", text: "0-2" }],
    }),
  ).toBe("failed-samples (decode_timeout, bad_crc), parts 0-2");
});
