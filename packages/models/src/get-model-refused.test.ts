import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Source } from "@shardmill/core";
import { faultyFileSystem, localFileSystem, processes, systemError } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ungrantedToken } from "../../../tests/hub-stand-in/index.ts";
import { everyIs, files, ModelHouse, names, states } from "../testing/model-house.ts";

let house: ModelHouse;
beforeEach(async () => {
  house = await ModelHouse.open();
});
afterEach(() => house.close());

describe("a folder", () => {
  it("is one get's at a time: another waits and then finds everything there", async () => {
    house.hub.setFault({ kind: "stall", path: "model.safetensors", afterBytes: 50_000 });
    const stop = new AbortController();
    const first = house.get({ signal: stop.signal });
    await expect.poll(() => house.hub.log.some(({ fault }) => fault === "stall")).toBe(true);
    let waits = 0;
    const second = house.get({
      onWait: () => {
        waits += 1;
      },
    });
    await expect.poll(() => waits).toBe(1);
    stop.abort(new Error("the first one leaves"));
    await expect(first).rejects.toThrow("leaves");
    expect(states(await second)["model.safetensors"]).toBe("resumed");
    expect(waits).toBe(1);
    const both = await Promise.all([house.get(), house.get()]);
    expect(both.map(states)).toEqual([everyIs("there"), everyIs("there")]);
    expect(await house.below()).toEqual([...names].sort());
  });

  it("can be left while it is waited for", async () => {
    await mkdir(house.dir);
    await writeFile(join(house.dir, ".shardmill-get.lock"), processes.own);
    const stop = new AbortController();
    const waiting = house.get({ onWait: () => stop.abort(new Error("no patience")), signal: stop.signal });
    await expect(waiting).rejects.toThrow("no patience");
    expect(await house.below()).toEqual([".shardmill-get.lock"]);
  });

  it("is not left by a link in it, nor is a link written over", async () => {
    const outside = join(house.scratch, "outside");
    await mkdir(outside);
    await mkdir(house.dir);
    await symlink(outside, join(house.dir, "onnx"));
    await writeFile(join(outside, "theirs.bin"), "theirs");
    await symlink(join(outside, "theirs.bin"), join(house.dir, "model.safetensors"));
    const result = await house.get();
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
      if (written > 1) throw systemError("ENOSPC");
    });
    await expect(house.get({ fs, atOnce: 1 })).rejects.toMatchObject({
      code: "output_full",
      message: expect.stringContaining("the same command goes on"),
    });
    expect((await house.below()).filter((name) => !name.endsWith(".partial"))).toEqual([
      "config.json",
      "empty.txt",
    ]);
    expect(states(await house.get())).toMatchObject({
      "config.json": "there",
      "model.safetensors": "resumed",
    });
    expect(await house.holds("model.safetensors")).toBe(true);
  });
});

describe("a repository", () => {
  it("names its files as it likes, and leads nothing out of the folder", async () => {
    const real = await house.source();
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
    const result = await house.get({ source });
    for (const path of hostile) expect(states(result)[path], JSON.stringify(path)).toBe("unsafe_name");
    for (const path of names) expect(states(result)[path]).toBe("downloaded");
    expect(await readdir(house.scratch)).toEqual(["model"]);
    expect(await house.below()).toEqual([...names].sort());
  });

  it("that lists a file twice, or one below another, costs no more than those", async () => {
    const real = await house.source();
    const source: Source = {
      ...real,
      async *list(signal) {
        yield* real.list(signal);
        for (const path of ["config.json", "tokenizer.json/x"])
          yield { path, sizeBytes: 5, sha256: "0".repeat(64), oid: null };
      },
    };
    const { files: all } = await house.get({ atOnce: 1, source });
    expect(
      all.filter(({ state }) => state === "failed").map(({ path, problem }) => [path, problem?.code]),
    ).toEqual([
      ["config.json", "unsafe_name"],
      ["tokenizer.json/x", "output_unwritable"],
    ]);
    expect(await house.holds("config.json")).toBe(true);
    expect(await house.holds("tokenizer.json")).toBe(true);
  });

  it("that tells no hash of a file gives none of it", async () => {
    const real = await house.source();
    const source: Source = {
      ...real,
      async *list() {
        yield { path: "config.json", sizeBytes: 16, sha256: null, oid: null };
      },
    };
    expect(states(await house.get({ source }))).toEqual({ "config.json": "source_invalid" });
    expect(await house.below()).toEqual([]);
  });

  it("that is gated ends the attempt at once", async () => {
    house.hub.setGated(true);
    await expect(house.get({ source: await house.source("main", ungrantedToken) })).rejects.toMatchObject({
      code: "source_gated",
    });
    // Of an empty file there is nothing to ask for.
    expect((await house.below()).filter((name) => !name.includes("empty.txt"))).toEqual([]);
  });

  it("is taken at the revision that was asked for", async () => {
    const old = house.hub.commit;
    house.hub.commitFiles({ "config.json": "{}\n", "tokenizer.json": null });
    expect(states(await house.get({ source: await house.source(old) }))).toEqual(everyIs("downloaded"));
    expect(await house.holds("config.json")).toBe(true);
    const newest = await house.get();
    expect(newest.files.map(({ path, state, replaced }) => [path, state, replaced])).toContainEqual([
      "config.json",
      "downloaded",
      true,
    ]);
    await expect(house.source("no-such-tag")).rejects.toMatchObject({ code: "source_not_found" });
  });
});

it("fetches nothing where the disk has no place for what is still to come, and what is there counts", async () => {
  const withFree = (free: number) => ({ ...localFileSystem, freeBytes: async () => free });
  await house.get({ isWanted: (path) => path !== "model.safetensors" });
  house.hub.log.length = 0;
  const size = files["model.safetensors"].length;
  await expect(house.get({ fs: withFree(size - 1) })).rejects.toMatchObject({
    code: "output_full",
    message: expect.stringMatching(
      /^\d+ MB are still to be fetched and \d+ MB are free; nothing was fetched/,
    ),
  });
  expect(house.hub.log.filter(({ file }) => file !== null)).toEqual([]);
  expect(states(await house.get({ fs: withFree(size) }))["model.safetensors"]).toBe("downloaded");
});
