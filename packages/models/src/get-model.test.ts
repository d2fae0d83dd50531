import { lstat, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytesOf, everyIs, files, ModelHouse, names, states } from "../testing/model-house.ts";

let house: ModelHouse;
beforeEach(async () => {
  house = await ModelHouse.open();
});
afterEach(() => house.close());

describe("a model's files", () => {
  it("are fetched, checked and told", async () => {
    const result = await house.get();
    expect(states(result)).toEqual(everyIs("downloaded"));
    expect(await house.below()).toEqual([...names].sort());
    for (const name of names) expect(await house.holds(name), name).toBe(true);
    const fetched = result.files.map(({ fetchedBytes, sizeBytes }) => fetchedBytes - sizeBytes);
    expect(fetched).toEqual(names.map(() => 0));
  });

  it("are not fetched a second time: only the listing is asked for", async () => {
    await house.get();
    house.hub.log.length = 0;
    expect(states(await house.get())).toEqual(everyIs("there"));
    expect(house.hub.log.every(({ file }) => file === null)).toBe(true);
    expect(house.hub.bytesSent("cdn")).toBe(0);
  });

  it("are read again, so that a byte that has changed on this disk is found, and mended", async () => {
    await house.get();
    const spoiled = Buffer.from(files["model.safetensors"]);
    spoiled[200_000]! ^= 1;
    await writeFile(join(house.dir, "model.safetensors"), spoiled);
    const result = await house.get();
    expect(states(result)).toEqual({ ...everyIs("there"), "model.safetensors": "downloaded" });
    expect(result.files.find(({ replaced }) => replaced)?.path).toBe("model.safetensors");
    expect(await house.holds("model.safetensors")).toBe(true);
  });

  it("are chosen by the caller, and what is left out is told", async () => {
    const result = await house.get({ isWanted: (path) => !path.startsWith("onnx/") });
    expect(result.leftOut.map(({ path }) => path)).toEqual(["onnx/model.onnx"]);
    expect(await house.below()).not.toContain("onnx/model.onnx");
    await expect(house.get({ isWanted: () => false })).rejects.toMatchObject({ code: "wrong_use" });
  });
});

describe("what goes wrong with one file", () => {
  it("costs that one, in one line each: a flipped byte, a cut download, a file that is gone", async () => {
    house.hub.setFault({ kind: "flip", path: "onnx/model.onnx", afterBytes: 500 });
    house.hub.setFault({ kind: "cut", path: "model.safetensors", afterBytes: 100_000 });
    house.hub.setFault({ kind: "503", path: "model.safetensors", times: 1000 });
    house.hub.setFault({ kind: "gone", path: "tokenizer.json", on: "resolve" });
    const result = await house.get();
    expect(states(result)).toEqual({
      "config.json": "downloaded",
      "empty.txt": "downloaded",
      "model.safetensors": "source_unreachable",
      "onnx/model.onnx": "source_invalid",
      "tokenizer.json": "source_not_found",
    });
    const kept = Object.fromEntries(result.files.map(({ path, keptBytes }) => [path, keptBytes]));
    // A connection that is cut may take with it what came last.
    const keptBytes = kept["model.safetensors"] ?? 0;
    expect(keptBytes).toBeLessThanOrEqual(100_000);
    expect([kept["onnx/model.onnx"], kept["tokenizer.json"]]).toEqual([0, 0]);
    for (const { problem } of result.files) expect(problem?.message ?? "").not.toContain("\n");
    const whole = (await house.below()).filter((name) => !name.endsWith(".partial"));
    expect(whole).toEqual(["config.json", "empty.txt"]);

    house.hub.clearFaults();
    house.hub.log.length = 0;
    expect(states(await house.get())).toEqual({
      "config.json": "there",
      "empty.txt": "there",
      "model.safetensors": keptBytes > 0 ? "resumed" : "downloaded",
      "onnx/model.onnx": "downloaded",
      "tokenizer.json": "downloaded",
    });
    expect(
      house.hub.log.filter(({ server, file }) => server === "cdn" && file === "model.safetensors"),
    ).toEqual([expect.objectContaining({ bytesSent: files["model.safetensors"].length - keptBytes })]);
    expect(await house.below()).toEqual([...names].sort());
  });

  it("is healed where it passes: a single cut is not seen", async () => {
    house.hub.setFault({ kind: "cut", path: "model.safetensors", afterBytes: 100_000 });
    expect(states(await house.get())).toEqual(everyIs("downloaded"));
    expect(await house.holds("model.safetensors")).toBe(true);
  });
});

describe("an attempt that was broken off", () => {
  it("leaves nothing under a file's name, and its bytes to the next one", async () => {
    await house.breakOff(150_000);
    expect(await house.below()).not.toContain("model.safetensors");
    const partial = await house.partialOfWeights();
    const { size } = await lstat(partial);
    expect(size).toBeGreaterThanOrEqual(150_000);
    house.hub.log.length = 0;
    const result = await house.get();
    expect(states(result)["model.safetensors"]).toBe("resumed");
    const asked = house.hub.log.filter(
      ({ server, file }) => server === "cdn" && file === "model.safetensors",
    );
    expect(asked.map(({ bytesSent }) => bytesSent)).toEqual([files["model.safetensors"].length - size]);
    expect(await house.holds("model.safetensors")).toBe(true);
    expect(await house.below()).toEqual([...names].sort());
  });

  it("is begun anew, once, where what it left is not the beginning of the file", async () => {
    await house.breakOff(150_000);
    const partial = await house.partialOfWeights();
    await writeFile(partial, Buffer.alloc(160_000));
    const result = await house.get();
    expect(states(result)["model.safetensors"]).toBe("downloaded");
    expect(await house.holds("model.safetensors")).toBe(true);
    await truncate(join(house.dir, "model.safetensors"), 10);
    await writeFile(partial, Buffer.alloc(files["model.safetensors"].length + 1));
    expect(states(await house.get())["model.safetensors"]).toBe("downloaded");
  });

  it("of another content is not mixed in, and goes when the file is whole", async () => {
    await house.breakOff(150_000);
    house.hub.commitFiles({ "model.safetensors": bytesOf("newer", 300_000) });
    house.hub.log.length = 0;
    expect(states(await house.get())["model.safetensors"]).toBe("downloaded");
    expect((await readFile(join(house.dir, "model.safetensors"))).equals(bytesOf("newer", 300_000))).toBe(
      true,
    );
    expect(await house.below()).toEqual([...names].sort());
  });
});
