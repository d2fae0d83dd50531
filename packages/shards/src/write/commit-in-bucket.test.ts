import { openRecords, type Records, sweepTemporaries } from "@shardmill/store";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { BucketStore } from "../../../store/src/bucket/bucket-store.ts";
import { withBucket } from "../../../store/testing/bucket.ts";
import { knownFaults, troubled } from "../../../store/testing/s3-stand-in/s3-faults.ts";
import { type S3StandIn, standInBucket } from "../../../store/testing/s3-stand-in/start-s3-stand-in.ts";
import { dyingAt } from "../../testing/dying-store.ts";
import { commitToy, dataset, makeShard, never, openToy, tempFolder } from "../../testing/make-shard.ts";
import { verifyPath } from "../verify/verify-path.ts";
import { commitDraft, standingManifest } from "./commit-shard.ts";

afterEach(() => void vi.unstubAllEnvs());

const shard = "toy-p0000-0000";
const top = "out/put/";

/** Every object, by its path below the output. */
function content({ objects }: S3StandIn): Record<string, string> {
  const all = [...objects.all].map(([key, { bytes }]) => [key.slice(top.length), bytes.toString("base64")]);
  return Object.fromEntries(all.sort());
}

async function problems(): Promise<string[]> {
  const found = await verifyPath(`s3://${standInBucket}/${top}${dataset}`, { deep: false }, never);
  return found.problems.map(({ code }) => code).filter((code) => code !== "leftover");
}

/** What counts: a manifest that names the tar that lies there. */
async function standing(records: Records): Promise<string> {
  const read = await records.readManifest(shard);
  const tar = await records.store.stat(records.paths.tar(shard));
  if (read.kind !== "ok" || read.value.tar?.sha256 !== tar?.sha256) return "none";
  return read.value.samples === 3 ? "old" : "new";
}

async function replaceToy(records: Records): Promise<void> {
  const replaces = await standingManifest(records, { shard });
  const { writer, manifest, ledger } = await makeShard(records, shard, { failed: [1] });
  await writer.publish(manifest, ledger, never, { replaces: async () => replaces });
}

/** What a folder has after the same commit. */
async function inFolder(options: Parameters<typeof makeShard>[2] = {}): Promise<Record<string, string>> {
  await using folder = await tempFolder();
  const { records, store } = await openToy(folder.path);
  await commitToy(records, shard, options);
  const files = (await store.listAll("")).filter(({ isFolder }) => !isFolder);
  const read = files.map(async ({ path }) => [
    path,
    Buffer.from((await store.read(path)) ?? []).toString("base64"),
  ]);
  return Object.fromEntries(await Promise.all(read));
}

interface Death {
  readonly store: BucketStore;
  readonly standIn: S3StandIn;
  /** The request at which the writer died. */
  readonly request: string;
  /** It came to its end instead. */
  readonly isAtEnd: boolean;
}

/** Has a writer die at its first request, at its second, and so on, each time in a bucket of its own; how often it did. */
async function dyingAtEach(
  write: (records: Records) => Promise<void>,
  then: (death: Death) => Promise<void>,
  before: (records: Records) => Promise<void> = async () => undefined,
): Promise<number> {
  for (let deadly = 1; ; deadly += 1) {
    let isAtEnd = false;
    await withBucket({}, async (store, standIn) => {
      await before(openRecords(store, dataset));
      const dying = dyingAt(store, deadly);
      await write(openRecords(dying.store, dataset)).catch(() => undefined);
      isAtEnd = !dying.isDead();
      await then({ store, standIn, request: `request ${deadly}`, isAtEnd });
    });
    if (isAtEnd) return deadly - 1;
  }
}

const always = async (): Promise<boolean> => true;

describe("a commit in a bucket", () => {
  it("is eight requests, and leaves what it leaves in a folder", () =>
    withBucket({}, async (store, standIn) => {
      const records = openRecords(store, dataset);
      const { writer, manifest, ledger } = await makeShard(records, shard);
      standIn.requests.length = 0;
      expect(await writer.publish(manifest, ledger, never)).toEqual({ kind: "committed" });
      expect(standIn.requests.map(({ verb }) => verb).sort()).toEqual([
        ...["DELETE", "HEAD", "PUT", "PUT", "PUT", "PUT", "PUT", "PUT"],
      ]);
      expect(content(standIn)).toEqual(await inFolder());
      expect(await store.scratch.listAll(dataset)).toEqual([]);
      expect(await problems()).toEqual([]);
    }));

  it("of a shard without samples has no tar", () =>
    withBucket({}, async (store, standIn) => {
      await commitToy(openRecords(store, dataset), shard, { failed: [0, 1, 2] });
      expect(content(standIn)).toEqual(await inFolder({ failed: [0, 1, 2] }));
    }));

  for (const options of [{}, { failed: [0, 1, 2] }])
    it(`dies at any request, and who comes next leaves the same; ${JSON.stringify(options)}`, async () => {
      let unmilled = 0;
      const expected = await inFolder(options);
      const commit = (records: Records) => commitToy(records, shard, options).then(() => undefined);
      const deaths = await dyingAtEach(commit, async ({ store, standIn, request, isAtEnd }) => {
        const records = openRecords(store, dataset);
        const hasTar = standIn.objects.all.has(`${top}${dataset}/${shard}.tar`);
        const isFinished = await commitDraft(records, shard, () => true, always);
        if (hasTar && !isAtEnd) expect(isFinished, request).toBe(true);
        if (isFinished) unmilled += 1;
        else await commitToy(records, shard, options);
        await sweepTemporaries(store, dataset);
        expect(content(standIn), request).toEqual(expected);
      });
      expect(deaths).toBeGreaterThan(4);
      expect(unmilled).toBeGreaterThan(2);
    });

  it("of a shard without samples, whose writer died behind its manifest, has its ledger once drafts are swept", async () => {
    const options = { failed: [0, 1, 2] };
    const expected = await inFolder(options);
    let committed = 0;
    const commit = (records: Records) => commitToy(records, shard, options).then(() => undefined);
    await dyingAtEach(commit, async ({ store, standIn, request }) => {
      // As the next worker finds it: what has its manifest is made, and nobody finishes its draft.
      if ((await openRecords(store, dataset).readManifest(shard)).kind !== "ok") return;
      committed += 1;
      await sweepTemporaries(store, dataset);
      expect(content(standIn), request).toEqual(expected);
    });
    expect(committed).toBeGreaterThan(2);
  });

  it("in place of another dies at any request: the old one, the new one, or none that counts, and the next one heals it", async () => {
    const seen = new Set<string>();
    const expected = await inFolder({ failed: [1] });
    const heal = async ({ store, standIn, request }: Death): Promise<void> => {
      const records = openRecords(store, dataset);
      seen.add(await standing(records));
      await commitDraft(records, shard, () => true, always);
      await replaceToy(records);
      await sweepTemporaries(store, dataset);
      expect(content(standIn), request).toEqual(expected);
    };
    await dyingAtEach(replaceToy, heal, (records) => commitToy(records, shard).then(() => undefined));
    expect([...seen].sort()).toEqual(["new", "none", "old"]);
  });

  it("makes a shard good whose tar or manifest is gone, another or damaged", () =>
    withBucket({}, async (store, standIn) => {
      const records = openRecords(store, dataset);
      await commitToy(records, shard);
      const whole = content(standIn);
      const { tar, manifest, ledger } = records.paths;
      for (const damage of [
        () => store.remove(tar(shard)),
        () => store.put(tar(shard), "another"),
        () => store.remove(manifest(shard)),
        () => store.put(manifest(shard), "{"),
        async () => {
          await store.remove(manifest(shard));
          await store.put(ledger(shard), "{}\n");
        },
      ]) {
        await damage();
        await commitToy(records, shard);
        expect(content(standIn)).toEqual(whole);
      }
    }));

  it("says of a shard that is committed whether it has the same bytes, and leaves it", () =>
    withBucket({}, async (store, standIn) => {
      const records = openRecords(store, dataset);
      await commitToy(records, shard);
      const before = content(standIn);
      const same = await makeShard(records, shard);
      expect(await same.writer.publish(same.manifest, same.ledger, never)).toMatchObject({
        ...{ kind: "already", same: true },
      });
      const other = await makeShard(records, shard, { failed: [1] });
      expect(await other.writer.publish(other.manifest, other.ledger, never)).toMatchObject({
        ...{ kind: "already", same: false },
      });
      expect(content(standIn)).toEqual(before);
    }));

  it("of eight twins at once is one of them, whole", () =>
    withBucket({}, async (store, standIn) => {
      const records = openRecords(store, dataset);
      const made = await Promise.all(
        Array.from({ length: 8 }, (_, at) => makeShard(records, shard, { failed: at % 2 === 0 ? [1] : [] })),
      );
      const ends = await Promise.all(
        made.map(({ writer, manifest, ledger }) => writer.publish(manifest, ledger, never)),
      );
      expect(ends.filter(({ kind }) => kind === "committed").length).toBeGreaterThan(0);
      expect(await problems()).toEqual([]);
      expect([...standIn.objects.all.keys()].filter((key) => key.includes("/drafts/"))).toEqual([]);
      expect([await inFolder(), await inFolder({ failed: [1] })]).toContainEqual(content(standIn));
    }));

  for (const mode of [{}, { tags: "unquoted", needsLength: true, pageSize: 2 }] as const)
    it(`is the same with something wrong with every third request; ${JSON.stringify(mode)}`, () =>
      withBucket(mode, async (store, standIn) => {
        standIn.plan = troubled(Object.values(knownFaults));
        const records = openRecords(store, dataset);
        await commitToy(records, shard);
        await replaceToy(records);
        standIn.plan = () => null;
        expect(content(standIn)).toEqual(await inFolder({ failed: [1] }));
      }));

  it("is none where nobody may write, and leaves nothing on this machine", () =>
    withBucket({}, async (store, standIn) => {
      standIn.plan = ({ verb }) =>
        verb === "PUT" ? { kind: "status", status: 403, code: "AccessDenied" } : null;
      await expect(commitToy(openRecords(store, dataset), shard)).rejects.toMatchObject({
        code: "bucket_refused",
      });
      expect(await store.scratch.listAll(dataset)).toEqual([]);
    }));
});
