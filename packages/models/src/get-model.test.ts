import { createHash } from "node:crypto";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localRateGate, type Source, systemClock } from "@shardmill/core";
import { openSource } from "@shardmill/sources";
import { faultyFileSystem, systemError } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn, ungrantedToken } from "../../../tests/hub-stand-in/index.ts";
import { type GetOptions, type GetResult, getModel } from "./get-model.ts";

const weights = bytesOf("weights", 400_000);
const files = {
  "config.json": '{"hidden": 576}\n',
  "empty.txt": "",
  "model.safetensors": weights,
  "onnx/model.onnx": bytesOf("onnx", 90_000),
  "tokenizer.json": bytesOf("tokenizer", 30_000),
};
const names = Object.keys(files);
let hub: HubStandIn;
let dir: string;
let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-models-"));
  dir = join(scratch, "model");
  hub = await startHubStandIn({ repo: "org/model", type: "model", files });
});
afterEach(async () => {
  await hub.close();
  await rm(scratch, { recursive: true, force: true });
});

/** Bytes that no two files share. */
function bytesOf(seed: string, length: number): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < length; at += 32) pieces.push(createHash("sha256").update(`${seed} ${at}`).digest());
  return Buffer.concat(pieces).subarray(0, length);
}

function open(signal: AbortSignal, revision = "main", token: string | null = null): Promise<Source> {
  const { endpoint } = hub;
  const spec = { kind: "hub", type: "model", repo: "org/model", revision, endpoint, token } as const;
  const deps = { gate: localRateGate(systemClock), clock: systemClock, firstBackoffMs: 1 };
  return openSource(spec, deps, signal);
}

async function get(
  options: Partial<GetOptions> = {},
  signal: AbortSignal = new AbortController().signal,
  source?: Source,
): Promise<GetResult> {
  const from = source ?? (await open(signal));
  return getModel(from, { dir, isWanted: () => true, clock: systemClock, ...options }, signal);
}

const states = ({ files: all }: GetResult) =>
  Object.fromEntries(all.map(({ path, state, problem }) => [path, problem?.code ?? state]));
const everyIs = (state: string) => Object.fromEntries(names.map((name) => [name, state]));

/** Every file below the folder, hidden ones too. */
async function below(folder = dir): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const holds = async (name: keyof typeof files) =>
  Buffer.from(files[name]).equals(await readFile(join(dir, name)));

/** Ends the attempt when so many bytes of the weights are here. */
async function brokenOff(atBytes: number, revision = "main"): Promise<void> {
  const stop = new AbortController();
  const onBytes: GetOptions["onBytes"] = ({ path }, phase, done) => {
    if (path === "model.safetensors" && phase === "fetching" && done >= atBytes)
      stop.abort(new Error("enough"));
  };
  const source = await open(stop.signal, revision);
  await expect(get({ onBytes }, stop.signal, source)).rejects.toThrow("enough");
}

describe("a model's files", () => {
  it("are fetched, checked and told", async () => {
    const result = await get();
    expect(states(result)).toEqual(everyIs("downloaded"));
    expect(await below()).toEqual([...names].sort());
    for (const name of names) expect(await holds(name as keyof typeof files), name).toBe(true);
    const fetched = result.files.map(({ fetchedBytes, sizeBytes }) => fetchedBytes - sizeBytes);
    expect(fetched).toEqual(names.map(() => 0));
  });

  it("are not fetched a second time: only the listing is asked for", async () => {
    await get();
    hub.log.length = 0;
    expect(states(await get())).toEqual(everyIs("there"));
    expect(hub.log.every(({ file }) => file === null)).toBe(true);
    expect(hub.bytesSent("cdn")).toBe(0);
  });

  it("are read again, so that a byte that has changed on this disk is found, and mended", async () => {
    await get();
    const spoiled = Buffer.from(weights);
    spoiled[200_000]! ^= 1;
    await writeFile(join(dir, "model.safetensors"), spoiled);
    const result = await get();
    expect(states(result)).toEqual({ ...everyIs("there"), "model.safetensors": "downloaded" });
    expect(result.files.find(({ replaced }) => replaced)?.path).toBe("model.safetensors");
    expect(await holds("model.safetensors")).toBe(true);
  });

  it("are chosen by the caller, and what is left out is told", async () => {
    const result = await get({ isWanted: (path) => !path.startsWith("onnx/") });
    expect(result.leftOut.map(({ path }) => path)).toEqual(["onnx/model.onnx"]);
    expect(await below()).not.toContain("onnx/model.onnx");
    await expect(get({ isWanted: () => false })).rejects.toMatchObject({ code: "wrong_use" });
  });
});

describe("what goes wrong with one file", () => {
  it("costs that one, in one line each: a flipped byte, a cut download, a file that is gone", async () => {
    hub.setFault({ kind: "flip", path: "onnx/model.onnx", afterBytes: 500 });
    hub.setFault({ kind: "cut", path: "model.safetensors", afterBytes: 100_000 });
    hub.setFault({ kind: "503", path: "model.safetensors", times: 1000 });
    hub.setFault({ kind: "gone", path: "tokenizer.json", on: "resolve" });
    const result = await get();
    expect(states(result)).toEqual({
      "config.json": "downloaded",
      "empty.txt": "downloaded",
      "model.safetensors": "source_unreachable",
      "onnx/model.onnx": "source_invalid",
      "tokenizer.json": "source_not_found",
    });
    const kept = Object.fromEntries(result.files.map(({ path, keptBytes }) => [path, keptBytes]));
    expect(kept["model.safetensors"]).toBe(100_000);
    expect([kept["onnx/model.onnx"], kept["tokenizer.json"]]).toEqual([0, 0]);
    for (const { problem } of result.files) expect(problem?.message ?? "").not.toContain("\n");
    const whole = (await below()).filter((name) => !name.endsWith(".partial"));
    expect(whole).toEqual(["config.json", "empty.txt"]);

    hub.clearFaults();
    hub.log.length = 0;
    expect(states(await get())).toEqual({
      "config.json": "there",
      "empty.txt": "there",
      "model.safetensors": "resumed",
      "onnx/model.onnx": "downloaded",
      "tokenizer.json": "downloaded",
    });
    expect(hub.log.filter(({ server, file }) => server === "cdn" && file === "model.safetensors")).toEqual([
      expect.objectContaining({ bytesSent: 300_000 }),
    ]);
    expect(await below()).toEqual([...names].sort());
  });

  it("is healed where it passes: a single cut is not seen", async () => {
    hub.setFault({ kind: "cut", path: "model.safetensors", afterBytes: 100_000 });
    expect(states(await get())).toEqual(everyIs("downloaded"));
    expect(await holds("model.safetensors")).toBe(true);
  });
});

describe("an attempt that was broken off", () => {
  it("leaves nothing under a file's name, and its bytes to the next one", async () => {
    await brokenOff(150_000);
    expect(await below()).not.toContain("model.safetensors");
    const [partial] = (await below()).filter((name) => name.startsWith(".model.safetensors~"));
    const { size } = await lstat(join(dir, partial!));
    expect(size).toBeGreaterThanOrEqual(150_000);
    hub.log.length = 0;
    const result = await get();
    expect(states(result)["model.safetensors"]).toBe("resumed");
    const asked = hub.log.filter(({ server, file }) => server === "cdn" && file === "model.safetensors");
    expect(asked.map(({ bytesSent }) => bytesSent)).toEqual([weights.length - size]);
    expect(await holds("model.safetensors")).toBe(true);
    expect(await below()).toEqual([...names].sort());
  });

  it("is begun anew, once, where what it left is not the beginning of the file", async () => {
    await brokenOff(150_000);
    const [partial] = (await below()).filter((name) => name.startsWith(".model.safetensors~"));
    await writeFile(join(dir, partial!), Buffer.alloc(160_000));
    const result = await get();
    expect(states(result)["model.safetensors"]).toBe("downloaded");
    expect(await holds("model.safetensors")).toBe(true);
    await truncate(join(dir, "model.safetensors"), 10);
    await writeFile(join(dir, partial!), Buffer.alloc(weights.length + 1));
    expect(states(await get())["model.safetensors"]).toBe("downloaded");
  });

  it("of another content is not mixed in, and goes when the file is whole", async () => {
    await brokenOff(150_000);
    hub.commitFiles({ "model.safetensors": bytesOf("newer", 300_000) });
    hub.log.length = 0;
    expect(states(await get())["model.safetensors"]).toBe("downloaded");
    expect((await readFile(join(dir, "model.safetensors"))).equals(bytesOf("newer", 300_000))).toBe(true);
    expect(await below()).toEqual([...names].sort());
  });
});

describe("a folder", () => {
  it("is one get's at a time: another waits and then finds everything there", async () => {
    hub.setFault({ kind: "stall", path: "model.safetensors", afterBytes: 50_000 });
    const stop = new AbortController();
    const first = get({}, stop.signal);
    await expect.poll(() => hub.log.some(({ fault }) => fault === "stall")).toBe(true);
    let waits = 0;
    const second = get({
      onWait: () => {
        waits += 1;
      },
    });
    await expect.poll(() => waits).toBe(1);
    stop.abort(new Error("the first one leaves"));
    await expect(first).rejects.toThrow("leaves");
    expect(states(await second)["model.safetensors"]).toBe("resumed");
    expect(waits).toBe(1);
    const both = await Promise.all([get(), get()]);
    expect(both.map(states)).toEqual([everyIs("there"), everyIs("there")]);
    expect(await below()).toEqual([...names].sort());
  });

  it("can be left while it is waited for", async () => {
    await mkdir(dir);
    const { processes } = await import("@shardmill/store");
    await writeFile(join(dir, ".shardmill-get.lock"), processes.own);
    const stop = new AbortController();
    const waiting = get({ onWait: () => stop.abort(new Error("no patience")) }, stop.signal);
    await expect(waiting).rejects.toThrow("no patience");
    expect(await below()).toEqual([".shardmill-get.lock"]);
  });

  it("is not left by a link in it, nor is a link written over", async () => {
    const outside = join(scratch, "outside");
    await mkdir(outside);
    await mkdir(dir);
    await symlink(outside, join(dir, "onnx"));
    await writeFile(join(outside, "theirs.bin"), "theirs");
    await symlink(join(outside, "theirs.bin"), join(dir, "model.safetensors"));
    const result = await get();
    expect(states(result)).toEqual({
      ...everyIs("downloaded"),
      "onnx/model.onnx": "output_unwritable",
      "model.safetensors": "output_unwritable",
    });
    expect(await readdir(outside)).toEqual(["theirs.bin"]);
    expect(await readFile(join(outside, "theirs.bin"), "utf8")).toBe("theirs");
  });

  it("that is full ends the attempt, with what is whole in it, and what it got of the rest", async () => {
    let written = 0;
    const fs = faultyFileSystem((operation, path) => {
      if (operation !== "write" || !path.includes(".model.safetensors~")) return;
      written += 1;
      if (written > 8) throw systemError("ENOSPC");
    });
    await expect(get({ fs, atOnce: 1 })).rejects.toMatchObject({
      code: "output_full",
      message: expect.stringContaining("the same command goes on"),
    });
    expect((await below()).filter((name) => !name.endsWith(".partial"))).toEqual([
      "config.json",
      "empty.txt",
    ]);
    expect(states(await get())).toMatchObject({ "config.json": "there", "model.safetensors": "resumed" });
    expect(await holds("model.safetensors")).toBe(true);
  });
});

describe("a repository", () => {
  it("names its files as it likes, and leads nothing out of the folder", async () => {
    const real = await open(new AbortController().signal);
    const hostile = [
      "../escaped",
      "/etc/passwd",
      "a/../../escaped",
      "a//b",
      "./a",
      "C:evil",
      "bell\u0007",
      ".shardmill-get.lock",
      ".model.safetensors~0123abcd~0123456789abcdef.partial",
      "half\ud800",
      "",
    ];
    const source: Source = {
      ...real,
      async *list(signal) {
        for (const path of hostile) yield { path, sizeBytes: 5, sha256: "0".repeat(64), oid: null };
        yield* real.list(signal);
      },
    };
    const result = await get({}, undefined, source);
    for (const path of hostile) expect(states(result)[path], JSON.stringify(path)).toBe("unsafe_name");
    for (const path of names) expect(states(result)[path]).toBe("downloaded");
    expect(await readdir(scratch)).toEqual(["model"]);
    expect(await below()).toEqual([...names].sort());
  });

  it("that lists a file twice, or one below another, costs no more than those", async () => {
    const real = await open(new AbortController().signal);
    const source: Source = {
      ...real,
      async *list(signal) {
        yield* real.list(signal);
        for (const path of ["config.json", "tokenizer.json/x"])
          yield { path, sizeBytes: 5, sha256: "0".repeat(64), oid: null };
      },
    };
    const { files: all } = await get({ atOnce: 1 }, undefined, source);
    expect(
      all.filter(({ state }) => state === "failed").map(({ path, problem }) => [path, problem?.code]),
    ).toEqual([
      ["config.json", "unsafe_name"],
      ["tokenizer.json/x", "output_unwritable"],
    ]);
    expect(await holds("config.json")).toBe(true);
    expect(await holds("tokenizer.json")).toBe(true);
  });

  it("that tells no hash of a file gives none of it", async () => {
    const real = await open(new AbortController().signal);
    const source: Source = {
      ...real,
      async *list() {
        yield { path: "config.json", sizeBytes: 16, sha256: null, oid: null };
      },
    };
    expect(states(await get({}, undefined, source))).toEqual({ "config.json": "source_invalid" });
    expect(await below()).toEqual([]);
  });

  it("that is gated ends the attempt at once", async () => {
    hub.setGated(true);
    const signal = new AbortController().signal;
    await expect(get({}, signal, await open(signal, "main", ungrantedToken))).rejects.toMatchObject({
      code: "source_gated",
    });
    // Of an empty file there is nothing to ask for.
    expect(await below()).toEqual(["empty.txt"]);
  });

  it("is taken at the revision that was asked for", async () => {
    const old = hub.commit;
    hub.commitFiles({ "config.json": "{}\n", "tokenizer.json": null });
    const signal = new AbortController().signal;
    expect(states(await get({}, signal, await open(signal, old)))).toEqual(everyIs("downloaded"));
    expect(await holds("config.json")).toBe(true);
    const newest = await get();
    expect(newest.files.map(({ path, state, replaced }) => [path, state, replaced])).toContainEqual([
      "config.json",
      "downloaded",
      true,
    ]);
    await expect(open(signal, "no-such-tag")).rejects.toMatchObject({ code: "source_not_found" });
  });
});
