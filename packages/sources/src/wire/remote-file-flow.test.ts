import { randomBytes } from "node:crypto";
import { type ByteSource, localRateGate, readAll, systemClock } from "@shardmill/core";
import { afterEach, describe, expect, it } from "vitest";
import {
  type HubStandIn,
  type StandInOptions,
  startHubStandIn,
} from "../../../../tests/hub-stand-in/index.ts";
import { concatenate, openSource, type SourceDeps, type SourceIncident } from "../index.ts";

const signal = new AbortController().signal;
const bytes = randomBytes(600_000);
const incidents: SourceIncident[] = [];

let hub: HubStandIn;
afterEach(async () => {
  incidents.length = 0;
  await hub.close();
});

async function openAll(options: StandInOptions, more: Partial<SourceDeps> = {}): Promise<ByteSource[]> {
  hub = await startHubStandIn(options);
  const spec = {
    kind: "hub",
    repo: hub.repo,
    revision: hub.commit,
    endpoint: hub.endpoint,
    token: null,
  } as const;
  const deps: SourceDeps = {
    gate: localRateGate(systemClock),
    clock: systemClock,
    firstBackoffMs: 1,
    idleTimeoutMs: 3_000,
    onIncident: (incident) => incidents.push(incident),
    ...more,
  };
  const source = await openSource(spec, deps, signal);
  const readers: ByteSource[] = [];
  for await (const file of source.list(signal)) readers.push(source.open(file));
  hub.log.length = 0;
  return readers;
}

async function openOne(more: Partial<SourceDeps> = {}): Promise<ByteSource> {
  return (await openAll({ files: { "part0.zip": bytes } }, more))[0]!;
}

const cdnLog = () => hub.log.filter(({ server }) => server === "cdn");

describe("cancelling", () => {
  it("throws the signal's reason and closes the socket in the middle of a body", async () => {
    const reader = await openOne();
    hub.setFault({ kind: "stall", afterBytes: 100_000 });
    const controller = new AbortController();
    const reason = new Error("enough");
    const work = (async () => {
      let seen = 0;
      for await (const chunk of reader.read({ start: 0, end: 600_000 }, controller.signal)) {
        seen += chunk.length;
        if (seen >= 100_000) queueMicrotask(() => controller.abort(reason));
      }
    })();
    await expect(work).rejects.toBe(reason);
    await expect.poll(() => cdnLog()[0]?.isOver).toBe(true);
    expect(incidents).toEqual([]);
  });

  it("stops a wait between attempts", async () => {
    const reader = await openOne({ firstBackoffMs: 60_000 });
    hub.setFault({ kind: "503", times: 9 });
    const controller = new AbortController();
    const work = readAll(reader, { start: 0, end: 10 }, controller.signal);
    await expect.poll(() => incidents.length).toBe(1);
    controller.abort(new Error("enough"));
    await expect(work).rejects.toThrow("enough");
  });

  it("closes the connection when the consumer has enough", async () => {
    const readers = await openAll({ files: { "large.bin": Buffer.alloc(30_000_000) } });
    for await (const _ of readers[0]!.read({ start: 0, end: 30_000_000 }, signal)) break;
    await expect.poll(() => cdnLog()[0]?.isOver).toBe(true);
    expect(hub.bytesSent()).toBeLessThan(8_000_000);
  });

  it("a consumer that does not pull stops the server: nothing is read ahead beyond the sockets' buffers", async () => {
    const size = 60_000_000;
    const readers = await openAll({ files: { "large.bin": Buffer.alloc(size) } });
    const chunks = readers[0]!.read({ start: 0, end: size }, signal)[Symbol.asyncIterator]();
    await chunks.next();
    const sent: number[] = [];
    await expect
      .poll(() => sent.push(hub.bytesSent()) > 1 && sent.at(-1) === sent.at(-2), { interval: 250 })
      .toBe(true);
    expect(hub.bytesSent()).toBeLessThan(16_000_000);
    await chunks.return?.();
  });
});

describe("a whole transfer with every transient fault at probability 0.2", () => {
  it.each([
    [1, 250_000],
    [2, 250_000],
    [3, 250_000],
    [4, 9_000_000],
    [5, 9_000_000],
    [6, 9_000_000],
  ])(
    "is byte-identical, with less than a tenth fetched in vain (seed %i, reads of %i bytes)",
    async (seed, step) => {
      const pieces = { "p.zip_partaa": randomBytes(5_000_000), "p.zip_partab": randomBytes(4_000_000) };
      const readers = await openAll(
        { files: pieces, faults: { seed, probability: 0.2 } },
        { idleTimeoutMs: 800 },
      );
      const whole = concatenate(readers, "p.zip");
      const expected = Buffer.concat(Object.values(pieces));
      for (let start = 0; start < whole.sizeBytes; start += step) {
        const range = { start, end: Math.min(start + step, whole.sizeBytes) };
        const read = await readAll(whole, range, signal);
        expect(Buffer.from(read).equals(expected.subarray(range.start, range.end))).toBe(true);
      }
      expect(hub.log.some(({ fault }) => fault !== null)).toBe(true);
      expect(hub.bytesSent("cdn") / whole.sizeBytes).toBeLessThan(1.1);
    },
  );
});
