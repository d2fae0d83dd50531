import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "../../../../tests/hub-stand-in/index.ts";

const bytes = randomBytes(3_000_000);
const expected = createHash("sha256").update(bytes).digest("hex");
const segmentBytes = 200_000;

/** A process of its own with the built package: reads the file through the cache and prints the sha256 of what it read. */
const script = `
  import { createHash } from "node:crypto";
  import { localRateGate, systemClock } from "@shardmill/core";
  import { openCache, openSource } from "@shardmill/sources";
  import { processes } from "@shardmill/store";
  const { spec, settings } = JSON.parse(process.argv[1]);
  const signal = new AbortController().signal;
  const source = await openSource(spec, { gate: localRateGate(systemClock), clock: systemClock }, signal);
  for await (const file of openCache(settings, source, processes).list(signal)) {
    const hash = createHash("sha256");
    const cached = openCache(settings, source, processes).open(file);
    for await (const chunk of cached.read({ start: 0, end: file.sizeBytes }, signal)) hash.update(chunk);
    process.stdout.write(hash.digest("hex"));
  }
`;

let hub: HubStandIn;
let dir: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "cache-"));
  hub = await startHubStandIn({ files: { "a.zip": bytes }, bytesPerSecond: 3_000_000 });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await hub.close();
  await rm(dir, { recursive: true });
});

function startReader(): { child: ChildProcess; printed: Promise<string> } {
  const spec = { kind: "hub", repo: hub.repo, revision: hub.commit, endpoint: hub.endpoint, token: null };
  const settings = { dir, limitBytes: 10_000_000, segmentBytes };
  const child = spawn(
    process.execPath,
    ["--input-type=module", "--eval", script, JSON.stringify({ spec, settings })],
    { cwd: fileURLToPath(new URL("../..", import.meta.url)), stdio: ["ignore", "pipe", "inherit"] },
  );
  children.push(child);
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += String(chunk);
  });
  return { child, printed: once(child, "close").then(() => text) };
}

it("two processes share one download", async () => {
  const readers = [startReader(), startReader()];
  expect(await Promise.all(readers.map(({ printed }) => printed))).toEqual([expected, expected]);
  expect(hub.bytesSent("cdn")).toBe(bytes.length);
  expect((await readdir(dir)).map((name) => name.split(".")[1])).toEqual(["whole"]);
});

it("a process that is killed loses what it was fetching and nothing else", async () => {
  const killed = startReader();
  await expect.poll(() => hub.bytesSent("cdn")).toBeGreaterThan(1_000_000);
  killed.child.kill("SIGKILL");
  await killed.printed;
  const sentBefore = hub.bytesSent("cdn");
  expect(sentBefore).toBeLessThan(bytes.length);
  expect(await startReader().printed).toBe(expected);
  // The claims of the dead process were taken over; at most the segment in flight and the one before its record came twice.
  expect(hub.bytesSent("cdn")).toBeLessThanOrEqual(bytes.length + 2 * segmentBytes);
});
