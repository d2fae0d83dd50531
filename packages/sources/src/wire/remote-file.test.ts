import { randomBytes } from "node:crypto";
import {
  type ByteSource,
  type Clock,
  type FileIdentity,
  localRateGate,
  readAll,
  systemClock,
} from "@shardmill/core";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Fault,
  type HubStandIn,
  type StandInOptions,
  startHubStandIn,
} from "../../../../tests/hub-stand-in/index.ts";
import { limitBandwidth, openSource, type SourceDeps, type SourceIncident } from "../index.ts";

const signal = new AbortController().signal;
const bytes = randomBytes(600_000);
const incidents: SourceIncident[] = [];
const waits: number[] = [];

let hub: HubStandIn;
afterEach(async () => {
  incidents.length = 0;
  waits.length = 0;
  await hub.close();
});

/** Real time that notes what it is asked to wait and waits a thousandth of it. */
const quickClock: Clock = {
  now: systemClock.now,
  sleep: (ms, waitSignal) => {
    waits.push(ms);
    return systemClock.sleep(ms / 1000, waitSignal);
  },
};

const deps = (more: Partial<SourceDeps> = {}): SourceDeps => ({
  gate: localRateGate(systemClock),
  clock: quickClock,
  idleTimeoutMs: 3_000,
  onIncident: (incident) => incidents.push(incident),
  ...more,
});

async function openAll(
  options: StandInOptions,
  more: Partial<SourceDeps> = {},
): Promise<{ readers: ByteSource[]; files: FileIdentity[] }> {
  hub = await startHubStandIn(options);
  const spec = {
    kind: "hub",
    repo: hub.repo,
    revision: hub.commit,
    endpoint: hub.endpoint,
    token: null,
  } as const;
  const source = await openSource(spec, deps(more), signal);
  const files: FileIdentity[] = [];
  for await (const file of source.list(signal)) files.push(file);
  hub.log.length = 0;
  return { readers: files.map((file) => source.open(file)), files };
}

async function openOne(more: Partial<SourceDeps> = {}): Promise<ByteSource> {
  return (await openAll({ files: { "part0.zip": bytes } }, more)).readers[0]!;
}

const wholeOf = (reader: ByteSource): Promise<Uint8Array> =>
  readAll(reader, { start: 0, end: reader.sizeBytes }, signal);

const cdnLog = () => hub.log.filter(({ server }) => server === "cdn");

describe("a signed address", () => {
  it("is asked for once and used for every later range", async () => {
    const reader = await openOne();
    for (let at = 0; at < 5; at += 1) {
      const range = { start: at * 1000, end: at * 1000 + 10 };
      expect(Buffer.from(await readAll(reader, range, signal))).toEqual(
        bytes.subarray(range.start, range.end),
      );
    }
    expect(hub.log.filter(({ server }) => server === "hub")).toHaveLength(1);
    expect(cdnLog().map(({ range, status }) => [range, status])).toEqual(
      [0, 1, 2, 3, 4].map((at) => [`bytes=${at * 1000}-${at * 1000 + 9}`, 206]),
    );
  });

  it("is asked for again when it is refused", async () => {
    const reader = await openOne();
    await readAll(reader, { start: 0, end: 10 }, signal);
    hub.expireAddresses();
    expect(Buffer.from(await wholeOf(reader)).equals(bytes)).toBe(true);
    expect(hub.log.filter(({ server }) => server === "hub")).toHaveLength(2);
    expect(incidents.map(({ kind, waitMs }) => [kind, waitMs])).toEqual([["address_refused", 0]]);
    expect(JSON.stringify(incidents)).not.toMatch(/Signature|Expires/);
  });
});

describe("a transient fault is healed at the byte where it happened", () => {
  const first = 200_000;
  it.each<[Fault, string]>([
    [{ kind: "cut", afterBytes: first }, "cut"],
    [{ kind: "early-end", afterBytes: first }, "early_end"],
    [{ kind: "stall", afterBytes: first }, "stalled"],
    [{ kind: "stall", afterBytes: 0 }, "stalled"],
    [{ kind: "cut", afterBytes: 0 }, "cut"],
    [{ kind: "range-ignored" }, "range_ignored"],
    [{ kind: "wrong-range" }, "wrong_range"],
    [{ kind: "503" }, "server_error"],
    [{ kind: "429" }, "rate_limited"],
    [{ kind: "expired" }, "address_refused"],
    [{ kind: "503", on: "resolve" }, "server_error"],
    [{ kind: "429", on: "resolve" }, "rate_limited"],
    [{ kind: "cut", on: "resolve" }, "unreachable"],
  ])("%o", async (fault, kind) => {
    const reader = await openOne(kind === "stalled" ? { idleTimeoutMs: 400 } : {});
    hub.setFault(fault);
    const range = { start: 1000, end: 599_000 };
    const read = await readAll(reader, range, signal);
    expect(Buffer.from(read).equals(bytes.subarray(range.start, range.end))).toBe(true);
    expect(incidents.map((incident) => incident.kind)).toEqual([kind]);
    const sent = hub.bytesSent("cdn");
    expect(sent).toBeGreaterThanOrEqual(598_000);
    // What a cut left in the sockets' buffers, and at most 64 KiB of a whole file that nobody asked for.
    expect(sent - 598_000).toBeLessThanOrEqual(65_536);
  });

  it("asks for exactly the bytes that are missing", async () => {
    const reader = await openOne();
    hub.setFault({ kind: "cut", afterBytes: 100_000 });
    hub.setFault({ kind: "early-end", afterBytes: 250_000 });
    let seen = 0;
    const starts: number[] = [];
    for await (const chunk of reader.read({ start: 0, end: 600_000 }, signal)) seen += chunk.length;
    expect(seen).toBe(600_000);
    for (const { range } of cdnLog()) starts.push(Number(/=(\d+)-/.exec(range!)![1]));
    const after = starts[1]!;
    expect(starts).toEqual([0, after, after + 250_000]);
    expect(after).toBeLessThanOrEqual(100_000);
  });

  it("waits while the consumer is slow without calling that a stall", async () => {
    const reader = await openOne({ idleTimeoutMs: 400 });
    let seen = 0;
    for await (const chunk of reader.read({ start: 0, end: 600_000 }, signal)) {
      if (seen === 0) await systemClock.sleep(1_000, signal);
      seen += chunk.length;
    }
    expect(seen).toBe(600_000);
    expect(incidents).toEqual([]);
  });

  it("is not fooled by a server that trickles", async () => {
    const reader = await openOne();
    hub.setFault({ kind: "slow", afterBytes: 100_000 });
    expect(Buffer.from(await wholeOf(reader)).equals(bytes)).toBe(true);
    expect(incidents).toEqual([]);
  });
});

describe("attempts", () => {
  it("count in a row: any number of cuts with a byte between them is survived", async () => {
    const reader = await openOne({ maxAttempts: 3 });
    hub.setFault({ kind: "cut", afterBytes: 40_000, times: 12 });
    expect(Buffer.from(await wholeOf(reader)).equals(bytes)).toBe(true);
    expect(incidents.length).toBeGreaterThan(3);
  });

  it("end in one Failure, with waits that double and are never longer than their limit", async () => {
    const reader = await openOne({ maxAttempts: 9, random: () => 0 });
    hub.setFault({ kind: "503", times: 100 });
    await expect(wholeOf(reader)).rejects.toMatchObject({ code: "source_unreachable", retry: "later" });
    expect(cdnLog()).toHaveLength(9);
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it("jitter takes off up to half of a wait", async () => {
    const reader = await openOne({ maxAttempts: 3, random: () => 1 });
    hub.setFault({ kind: "503", times: 100 });
    await expect(wholeOf(reader)).rejects.toMatchObject({ code: "source_unreachable" });
    expect(waits).toEqual([250, 500]);
  });

  it("are not used up by rate limits, which close the gate for everyone", async () => {
    const pauses: [string, number][] = [];
    const gate = {
      pass: async () => {},
      pause: async (host: string, ms: number) => void pauses.push([host, ms]),
    };
    const reader = await openOne({ maxAttempts: 2, gate });
    hub.setFault({ kind: "429", times: 5, retryAfterS: 7 });
    hub.setFault({ kind: "429", on: "resolve", rateLimitS: 30 });
    expect(Buffer.from(await wholeOf(reader)).equals(bytes)).toBe(true);
    const cdn = new URL(hub.cdnOrigin).host;
    expect(pauses).toEqual([[new URL(hub.endpoint).host, 31_000], ...Array(5).fill([cdn, 7000])]);
    expect(incidents.every(({ attempt }) => attempt === 0)).toBe(true);
  });

  it("rate limits that ask for no wait at all are answered with one that grows", async () => {
    const pauses: number[] = [];
    const gate = { pass: async () => {}, pause: async (_: string, ms: number) => void pauses.push(ms) };
    const reader = await openOne({ gate, random: () => 0 });
    hub.setFault({ kind: "429", times: 4, retryAfterS: 0 });
    expect(Buffer.from(await wholeOf(reader)).equals(bytes)).toBe(true);
    expect(pauses).toEqual([1000, 2000, 4000, 8000]);
  });

  it("control: without attempts left a single cut is a Failure", async () => {
    const reader = await openOne({ maxAttempts: 1 });
    hub.setFault({ kind: "cut", afterBytes: 10 });
    await expect(wholeOf(reader)).rejects.toMatchObject({ code: "source_unreachable" });
  });
});

describe("an address", () => {
  it("that is refused again and again, though fresh, is a Failure without its signature", async () => {
    const reader = await openOne({ maxAttempts: 4 });
    hub.setFault({ kind: "expired", times: 100 });
    const read = wholeOf(reader);
    await expect(read).rejects.toMatchObject({ code: "source_invalid" });
    await expect(read).rejects.not.toThrow(/Signature/);
    expect(hub.log.filter(({ server }) => server === "hub")).toHaveLength(4);
  });

  it("that leads away from https is not followed", async () => {
    hub = await startHubStandIn({ files: {} });
    const asked: string[] = [];
    const location = "http://elsewhere.test/x";
    const source = await openSource(
      { kind: "http", base: "https://secure.test", files: ["x"] },
      deps({
        fetch: async (input) => {
          asked.push(String(input));
          return new Response(null, { status: 302, headers: { location } });
        },
      }),
      signal,
    );
    const reader = source.open({ path: "x", sizeBytes: 10, sha256: null, oid: null });
    await expect(wholeOf(reader)).rejects.toMatchObject({ code: "source_invalid", retry: "never" });
    expect(asked).toEqual(["https://secure.test/x"]);
  });
});

describe("a flipped byte", () => {
  it.each([
    ["large", "part0.zip", bytes],
    ["small", "captions.csv", Buffer.from("name,caption\na,b\n")],
  ])("in a %s file that is read whole is a Failure, and the next read is good", async (_, path, content) => {
    const { readers } = await openAll({ files: { [path]: content } });
    hub.setFault({ kind: "flip", afterBytes: 15 });
    await expect(wholeOf(readers[0]!)).rejects.toMatchObject({ code: "source_invalid", retry: "later" });
    expect(Buffer.from(await wholeOf(readers[0]!)).equals(content)).toBe(true);
  });
});

it("a bandwidth limit holds the pace of a read", async () => {
  const reader = await openOne({ bandwidth: limitBandwidth(1_000_000, quickClock) });
  waits.length = 0;
  await wholeOf(reader);
  // 600 kB at 1 MB/s, less the tenth of a second that may come at once and what the quick clock really waited.
  const waitedMs = waits.reduce((sum, ms) => sum + ms, 0);
  expect(waitedMs).toBeGreaterThan(300);
});

describe("a file that is replaced between two reads", () => {
  const replacements: [string, Buffer][] = [
    ["of the same size", randomBytes(600_000)],
    ["that is longer", randomBytes(700_000)],
    ["that is shorter", randomBytes(5_000)],
  ];
  it.each(replacements)("%s is source_changed", async (_, other) => {
    const reader = await openOne();
    await readAll(reader, { start: 0, end: 10 }, signal);
    hub.replaceFile("part0.zip", other);
    const read = readAll(reader, { start: 100_000, end: 200_000 }, signal);
    await expect(read).rejects.toMatchObject({ code: "source_changed", retry: "never" });
  });

  it.each(replacements)("%s is source_changed before the first read too", async (_, other) => {
    const reader = await openOne();
    hub.replaceFile("part0.zip", other);
    await expect(wholeOf(reader)).rejects.toMatchObject({ code: "source_changed" });
    expect(cdnLog()).toEqual([]);
  });
});
