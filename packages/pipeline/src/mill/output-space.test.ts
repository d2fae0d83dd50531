import { Failure, type Manifest } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { OutputSpace, type SpaceRequest } from "./output-space.ts";

const signal = new AbortController().signal;

function storage(freeBytes: number) {
  const made: { samples: number; tar: { bytes: number } }[] = [];
  const disk = { freeBytes };
  const request = (members: number): SpaceRequest => ({
    dataset: { name: "clips", expected: { bytesPerSample: 100 } },
    store: { freeBytes: async () => disk.freeBytes },
    records: { listKnownManifests: async () => made as unknown as Manifest[] },
    shard: `clips-${members}`,
    members,
  });
  return { disk, made, request };
}

const isFull = (error: unknown): boolean =>
  error instanceof Failure && error.code === "output_full" && error.retry === "later";

describe("OutputSpace", () => {
  it("lets a shard begin when it fits by the catalogue's estimate with a quarter to spare, and not otherwise", async () => {
    const { request } = storage(1250);
    const space = new OutputSpace({ minFreeBytes: 0, maxOutputBytes: null });
    await space.enter(request(10), signal);
    await expect(
      new OutputSpace({ minFreeBytes: 0, maxOutputBytes: null }).enter(request(11), signal),
    ).rejects.toSatisfy(isFull);
  });

  it("leaves the reserve alone", async () => {
    const { request } = storage(1250);
    await expect(
      new OutputSpace({ minFreeBytes: 1, maxOutputBytes: null }).enter(request(10), signal),
    ).rejects.toSatisfy(isFull);
  });

  it("estimates from the shards that are there, once there are any", async () => {
    const { made, request } = storage(1250);
    made.push({ samples: 10, tar: { bytes: 2000 } });
    const space = new OutputSpace({ minFreeBytes: 0, maxOutputBytes: null });
    await expect(space.enter(request(6), signal)).rejects.toSatisfy(isFull);
    await space.enter(request(5), signal);
  });

  it("adds up finished shards again when their number has doubled, and for each where the output has a limit", async () => {
    for (const [maxOutputBytes, readings] of [
      [null, 6],
      [1e12, 500],
    ] as const) {
      const { made, request } = storage(1e12);
      let read = 0;
      const counted: SpaceRequest = {
        ...request(1),
        records: {
          async listKnownManifests() {
            read += 1;
            return made as unknown as Manifest[];
          },
        },
      };
      const space = new OutputSpace({ minFreeBytes: 0, maxOutputBytes });
      for (let at = 0; at < 500; at += 1) {
        (await space.enter(counted, signal)).leave();
        made.push({ samples: 1, tar: { bytes: 100 } });
      }
      expect(read).toBe(readings);
    }
  });

  it("knows from its own shards what a sample takes, before all are added up again", async () => {
    const { request } = storage(1250);
    const space = new OutputSpace({ minFreeBytes: 0, maxOutputBytes: null });
    const place = await space.enter(request(10), signal);
    place.leave({ samples: 10, tar: { bytes: 2000, sha256: "", md5: "" } });
    await expect(space.enter(request(6), signal)).rejects.toSatisfy(isFull);
    await space.enter(request(5), signal);
  });

  it("counts what the shards under way have still to write, and gives it back when they end", async () => {
    const { disk, request } = storage(2000);
    const space = new OutputSpace({ minFreeBytes: 0, maxOutputBytes: null });
    const first = await space.enter(request(10), signal);
    await expect(space.enter(request(8), signal)).rejects.toSatisfy(isFull);
    first.progress(1);
    disk.freeBytes = 1000;
    await space.enter(request(8), signal);
    first.leave();
  });

  it("decides one after the other: of two that come together and do not fit together, one begins", async () => {
    const { request } = storage(2000);
    const space = new OutputSpace({ minFreeBytes: 0, maxOutputBytes: null });
    const both = await Promise.allSettled([
      space.enter(request(10), signal),
      space.enter(request(10), signal),
    ]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  it("keeps the finished shards and those under way within the output's budget", async () => {
    const { made, request } = storage(1e12);
    const space = new OutputSpace({ minFreeBytes: 0, maxOutputBytes: 3000 });
    const first = await space.enter(request(10), signal);
    await space.enter(request(10), signal);
    await expect(space.enter(request(10), signal)).rejects.toSatisfy(isFull);
    made.push({ samples: 10, tar: { bytes: 1000 } });
    first.leave();
    await expect(space.enter(request(10), signal)).rejects.toThrow(
      /clips-10 needs about 0.0 MB, and 0.0 MB of 0.0 MB are made/,
    );
    await space.enter(request(6), signal);
  });
});
