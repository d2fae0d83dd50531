import { Failure, type Manifest } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { OutputRoom, type RoomRequest } from "./output-room.ts";

function storage(freeBytes: number) {
  const made: { samples: number; tar: { bytes: number } }[] = [];
  const disk = { freeBytes };
  const request = (members: number): RoomRequest => ({
    dataset: { name: "clips", expected: { bytesPerSample: 100 } },
    store: { freeBytes: async () => disk.freeBytes },
    records: { listManifests: async () => made as unknown as Manifest[] },
    shard: `clips-${members}`,
    members,
  });
  return { disk, made, request };
}

const isFull = (error: unknown): boolean =>
  error instanceof Failure && error.code === "output_full" && error.retry === "later";

describe("OutputRoom", () => {
  it("lets a shard begin when it fits by the catalogue's estimate with a quarter to spare, and not otherwise", async () => {
    const { request } = storage(1250);
    const room = new OutputRoom({ minFreeBytes: 0, maxOutputBytes: null });
    await room.enter(request(10));
    await expect(
      new OutputRoom({ minFreeBytes: 0, maxOutputBytes: null }).enter(request(11)),
    ).rejects.toSatisfy(isFull);
  });

  it("leaves the reserve alone", async () => {
    const { request } = storage(1250);
    await expect(
      new OutputRoom({ minFreeBytes: 1, maxOutputBytes: null }).enter(request(10)),
    ).rejects.toSatisfy(isFull);
  });

  it("estimates from the shards that are there, once there are any", async () => {
    const { made, request } = storage(1250);
    made.push({ samples: 10, tar: { bytes: 2000 } });
    const room = new OutputRoom({ minFreeBytes: 0, maxOutputBytes: null });
    await expect(room.enter(request(6))).rejects.toSatisfy(isFull);
    await room.enter(request(5));
  });

  it("counts what the shards under way have still to write, and gives it back when they end", async () => {
    const { disk, request } = storage(2000);
    const room = new OutputRoom({ minFreeBytes: 0, maxOutputBytes: null });
    const first = await room.enter(request(10));
    await expect(room.enter(request(8))).rejects.toSatisfy(isFull);
    first.progress(1);
    disk.freeBytes = 1000;
    await room.enter(request(8));
    first.leave();
  });

  it("decides one after the other: of two that come together and do not fit together, one begins", async () => {
    const { request } = storage(2000);
    const room = new OutputRoom({ minFreeBytes: 0, maxOutputBytes: null });
    const both = await Promise.allSettled([room.enter(request(10)), room.enter(request(10))]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  it("keeps the finished shards and those under way within the output's budget", async () => {
    const { made, request } = storage(1e12);
    const room = new OutputRoom({ minFreeBytes: 0, maxOutputBytes: 3000 });
    const first = await room.enter(request(10));
    await room.enter(request(10));
    await expect(room.enter(request(10))).rejects.toSatisfy(isFull);
    made.push({ samples: 10, tar: { bytes: 1000 } });
    first.leave();
    await expect(room.enter(request(10))).rejects.toThrow(
      /clips-10 needs about 0.0 MB, and 0.0 MB of 0.0 MB are made/,
    );
    await room.enter(request(6));
  });
});
