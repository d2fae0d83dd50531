import { afterEach, describe, expect, it, vi } from "vitest";
import { brief, withBucket } from "../../testing/bucket.ts";
import { knownFaults, troubled } from "../../testing/s3-stand-in/s3-faults.ts";
import { standInKeys } from "../../testing/s3-stand-in/start-s3-stand-in.ts";
import { openRecords } from "../open-records.ts";
import { storeContract } from "../store-contract.ts";

afterEach(() => void vi.unstubAllEnvs());

const never = new AbortController().signal;

describe("a bucket of a store that does what AWS does", () => {
  for (const { title, run } of storeContract) it(title, () => withBucket({}, run));
});

describe("a bucket of a store with all that may differ, and something wrong with every third request", () => {
  for (const { title, run } of storeContract) {
    it(title, () =>
      withBucket({ tags: "unquoted", needsLength: true, pageSize: 2 }, async (store, standIn) => {
        standIn.plan = troubled(Object.values(knownFaults));
        await run(store);
      }),
    );
  }
});

describe("a bucket", () => {
  it("gives up a connection on which nothing comes, and asks again", () =>
    withBucket(
      {},
      async (store, standIn) => {
        await store.put("a", "x");
        standIn.plan = ({ number }) => (number % 2 === 0 ? { kind: "stall" } : null);
        expect(Buffer.from((await store.read("a")) ?? []).toString()).toBe("x");
        expect(standIn.requests.slice(0, 3).map(({ verb }) => verb)).toEqual(["PUT", "GET", "GET"]);
      },
      { ...brief, idleMs: 1_000 },
    ));

  it("of which an object goes away while its lines are read fails, and has none where there is no object", () =>
    withBucket({}, async (store, standIn) => {
      const records = openRecords(store, "toy");
      const read = async (): Promise<number> => {
        let lines = 0;
        for await (const _ of records.readLedger("toy-p0000-0000", never)) lines += 1;
        return lines;
      };
      expect(await read()).toBe(0);
      const path = records.paths.ledger("toy-p0000-0000");
      await store.put(path, `${JSON.stringify("x".repeat(300_000))}\n`);
      standIn.plan = ({ verb }) => {
        if (verb !== "GET" || !standIn.objects.all.has(`out/put/${path}`)) return null;
        setImmediate(() => standIn.objects.remove(`out/put/${path}`));
        return { kind: "cut-body" };
      };
      await expect(read()).rejects.toMatchObject({ code: "output_io" });
    }));

  it("takes a shard away by three requests and a plan by four, whatever is there of them", () =>
    withBucket({}, async (store, standIn) => {
      const records = openRecords(store, "toy");
      const [{ paths }, part, shard] = [records, { subset: null, part: 0 }, "toy-p0000-0000"];
      const strangers = [paths.plannedMembers({ subset: null, part: 1 }, 0), paths.tar("toy-p0000-0001")];
      const shards = [paths.manifest(shard), paths.tar(shard), paths.ledger(shard)];
      const plans = [paths.plan(part), paths.plannedMembers(part, 0), paths.plannedMembers(part, 1)];
      for (const path of [...strangers, ...shards, ...plans]) await store.put(path, "x");
      standIn.requests.length = 0;
      await records.removeShard(shard);
      await records.removePlan(part);
      expect(standIn.requests.map(({ verb }) => verb)).toEqual([
        ...["LIST", "DELETE", "DELETES", "DELETE", "LIST", "DELETE", "DELETES"],
      ]);
      const left = [...standIn.objects.all.keys()].map((key) => key.slice("out/put/".length));
      expect(left.sort()).toEqual(strangers.sort());
    }));

  it("is told nothing of where the queue of a machine is", () =>
    withBucket({}, async (store, standIn) => {
      const records = openRecords(store, "toy");
      const address = { url: "redis://127.0.0.1:1", build: "b", owner: "command", isPrivate: true } as const;
      await records.writeQueueAddress(address);
      expect(await records.readQueueAddress()).toEqual(address);
      await records.removeQueueAddress();
      expect(await records.readQueueAddress()).toBeNull();
      expect(standIn.requests).toEqual([]);
    }));

  it("sends a file of the scratch folder in one request, with its hash, and nothing when the file cannot be read", () =>
    withBucket({}, async (store, standIn) => {
      const temp = await store.createTemp("d/x.tar");
      const chunk = Buffer.alloc(1 << 20, 7);
      for (let at = 0; at < 9; at += 1) await temp.write(chunk);
      await temp.sync();
      expect(await temp.link("d/x.tar")).toBe("published");
      expect(standIn.requests.map(({ verb, isConditional }) => [verb, isConditional])).toEqual([
        ["PUT", true],
      ]);
      expect(standIn.objects.all.get("out/put/d/x.tar")?.bytes.length).toBe(9 << 20);
      await store.scratch.remove(temp.path);
      await expect(temp.replace("d/x.tar")).rejects.toMatchObject({ code: "output_io" });
      await expect(temp.link("d/y.tar")).rejects.toMatchObject({ code: "output_io" });
      expect([...standIn.objects.all.keys()]).toEqual(["out/put/d/x.tar"]);
    }));

  it("tells in its own words what is refused, and never what the other side says of keys and signatures", async () => {
    const cases: [number, string, string][] = [
      [403, "AccessDenied", "bucket_refused"],
      [403, "SignatureDoesNotMatch", "bucket_refused"],
      [403, "ExpiredToken", "bucket_refused"],
      [404, "NoSuchBucket", "bucket_refused"],
      [301, "PermanentRedirect", "bucket_refused"],
      [507, "InsufficientStorage", "output_full"],
      [503, "SlowDown", "bucket_away"],
      [400, "EntityTooLarge", "output_io"],
    ];
    await withBucket({}, async (store, standIn) => {
      for (const [status, code, own] of cases) {
        standIn.plan = () => ({ kind: "status", status, code });
        const ways = [store.put("d/a", "x"), store.read("d/a"), store.list("d"), store.remove("d/a")];
        for (const end of await Promise.allSettled(ways)) {
          const { reason } = end.status === "rejected" ? end : { reason: null };
          // For a HEAD, which has no body, any 404 is an absent object.
          if (code === "NoSuchBucket" && reason === null) continue;
          expect(reason, code).toMatchObject({ code: own });
          expect(JSON.stringify([reason.message, reason.where, String(reason.cause)])).not.toMatch(
            /stand-in/,
          );
        }
        await expect(store.putNew("d/b", "x"), code).rejects.toMatchObject({ code: own });
      }
    });
  });

  it("says that there are no credentials, and takes none in an address", async () => {
    await withBucket({}, async (store, standIn) => {
      vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
      vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
      vi.stubEnv("HOME", "/nonexistent");
      await expect(store.list("d")).rejects.toMatchObject({
        code: "bucket_refused",
        message: expect.stringContaining("there are no credentials (CredentialsProviderError)"),
      });
      expect(standIn.requests).toEqual([]);
    });
  });

  it("that refused the keys of a file is asked with those that lie there by now", () =>
    withBucket({}, async (store) => {
      vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
      vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
      const file = store.scratch.absolute("credentials");
      vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", file);
      const keep = (id: string): Promise<void> =>
        store.scratch.put(
          "credentials",
          `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${standInKeys.secret}\n`,
        );
      await keep("stand-in-key-of-yesterday");
      await expect(store.put("a", "x")).rejects.toMatchObject({ code: "bucket_refused" });
      await expect(store.stat("a")).rejects.toMatchObject({
        code: "bucket_refused",
        message: "looking at a: the access key is not known there (InvalidAccessKeyId)",
      });
      await keep(standInKeys.id);
      await store.put("a", "x");
      expect(await store.stat("a")).toMatchObject({ sizeBytes: 1 });
    }));

  it("whose store is not there is told so in words of a network", () =>
    withBucket({}, async (store, standIn) => {
      await standIn[Symbol.asyncDispose]();
      for (const ask of [() => store.put("a", "x"), () => store.stat("a"), () => store.list("")])
        await expect(ask()).rejects.toMatchObject({
          code: "bucket_away",
          retry: "later",
          message: expect.stringMatching(/: nothing listens there \(ECONNREFUSED\)$/),
        });
    }));

  it("carries on a read where it was cut, and ends it when the object is another one by then", () =>
    withBucket({}, async (store, standIn) => {
      await store.put("a", Buffer.alloc(300_000, 1));
      standIn.plan = ({ number }) => (number === 2 ? { kind: "cut-body" } : null);
      let bytes = 0;
      for await (const chunk of store.chunks("a", never)) bytes += chunk.length;
      expect(bytes).toBe(300_000);
      standIn.plan = ({ number }) => {
        if (number !== 4) return null;
        setImmediate(() => standIn.objects.put("out/put/a", Buffer.alloc(300_000, 2), {}));
        return { kind: "cut-body" };
      };
      const reading = async (): Promise<void> => {
        for await (const chunk of store.chunks("a", never)) bytes += chunk.length;
      };
      await expect(reading()).rejects.toMatchObject({
        code: "output_io",
        message: "a was replaced while it was read",
      });
    }));
});
