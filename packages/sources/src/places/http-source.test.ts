import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type FileIdentity, localRateGate, readAll, type Source, systemClock } from "@shardmill/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "../../../../tests/hub-stand-in/index.ts";
import { openSource } from "../index.ts";

const signal = new AbortController().signal;
const deps = { gate: localRateGate(systemClock), clock: systemClock, firstBackoffMs: 1 };
const files = { "b/x y.zip": randomBytes(100_000), "a.csv": "x,y\n", "empty.txt": "" };

let hub: HubStandIn;
beforeEach(async () => {
  hub = await startHubStandIn({ files });
});
afterEach(() => hub.close());

const open = (base: string, paths: string[]): Promise<Source> =>
  openSource({ kind: "http", base, files: paths }, deps, signal);

async function list(source: Source): Promise<FileIdentity[]> {
  const found: FileIdentity[] = [];
  for await (const file of source.list(signal)) found.push(file);
  return found;
}

it("learns the size of each named file and reads it by range", async () => {
  const source = await open(hub.plainBase, Object.keys(files));
  const found = await list(source);
  expect(found.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
    ["a.csv", 4],
    ["b/x y.zip", 100_000],
    ["empty.txt", 0],
  ]);
  for (const file of found) {
    const read = await readAll(source.open(file), { start: 0, end: file.sizeBytes }, signal);
    expect(Buffer.from(read).equals(Buffer.from(files[file.path as keyof typeof files]))).toBe(true);
  }
});

it("heals faults while listing and while reading", async () => {
  const source = await open(hub.plainBase, ["b/x y.zip"]);
  hub.setFault({ kind: "503" });
  hub.setFault({ kind: "429", retryAfterS: 0 });
  const [file] = await list(source);
  hub.setFault({ kind: "cut", afterBytes: 50_000 });
  const read = await readAll(source.open(file!), { start: 10, end: 99_990 }, signal);
  expect(Buffer.from(read).equals(files["b/x y.zip"].subarray(10, 99_990))).toBe(true);
});

it("believes that a file was replaced when three answers in a row say so", async () => {
  const source = await open(hub.plainBase, ["b/x y.zip"]);
  const [file] = await list(source);
  const reader = source.open(file!);
  await readAll(reader, { start: 0, end: 10 }, signal);
  hub.replaceFile("b/x y.zip", randomBytes(100_000));
  await expect(readAll(reader, { start: 0, end: 10 }, signal)).rejects.toMatchObject({
    code: "source_changed",
  });
  expect(hub.log.filter(({ range }) => range === "bytes=0-9")).toHaveLength(4);
});

it("notices a file of the same size that was replaced between the listing and the first read", async () => {
  const [file] = await list(await open(hub.plainBase, ["b/x y.zip"]));
  hub.replaceFile("b/x y.zip", randomBytes(100_000));
  const later = await open(hub.plainBase, ["b/x y.zip"]);
  const read = readAll(later.open(file!), { start: 0, end: 10 }, signal);
  await expect(read).rejects.toMatchObject({ code: "source_changed" });
});

it("says source_not_found for a missing file, and names no signature of its base", async () => {
  const source = await open(`${hub.plainBase}?sig=secret`, ["none.zip"]);
  expect(source.name).not.toContain("secret");
  const listed = list(source);
  await expect(listed).rejects.toMatchObject({ code: "source_not_found", where: { path: "none.zip" } });
  await expect(listed).rejects.toSatisfy((error) => !JSON.stringify(error).includes("secret"));
});

it("does not climb out of its base", async () => {
  const source = await open(hub.plainBase, ["../secret"]);
  await expect(list(source)).rejects.toMatchObject({ code: "source_invalid" });
  expect(hub.log).toEqual([]);
});

it("reads a whole file from a server that knows no ranges, and says so when a range is needed", async () => {
  const server = createServer((_, response) => void response.end("0123456789"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const source = await open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, ["plain.txt"]);
  const [file] = await list(source);
  expect(Buffer.from(await readAll(source.open(file!), { start: 0, end: 10 }, signal)).toString()).toBe(
    "0123456789",
  );
  const part = readAll(source.open(file!), { start: 3, end: 5 }, signal);
  await expect(part).rejects.toMatchObject({ code: "source_invalid" });
  server.closeAllConnections();
  server.close();
});
