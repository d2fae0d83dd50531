import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileFilter, loadPresets } from "./index.ts";

const shipped = fileURLToPath(new URL("../../../config", import.meta.url));
let own = "";

beforeAll(async () => {
  own = await mkdtemp(join(tmpdir(), "shardmill-own-"));
  await mkdir(join(own, "models"));
});
afterAll(() => rm(own, { recursive: true, force: true }));

describe("models", () => {
  it("that come with Shardmill have terms and a citation, and want weights and a config but once", async () => {
    const models = (await loadPresets([shipped])).models();
    expect(models.map(({ name }) => name)).toEqual([
      "dinov2-small",
      "smollm2-1.7b",
      "smollm2-135m",
      "smollm2-360m",
    ]);
    for (const { name, terms, bibtex, files } of models) {
      expect(terms).toEqual({ commercial: "yes", redistribution: "yes" });
      expect(bibtex).toMatch(/^@article\{/);
      const wants = fileFilter(files ?? []);
      for (const path of ["model.safetensors", "config.json", "README.md"])
        expect(wants(path), `${name}: ${path}`).toBe(true);
      for (const path of ["pytorch_model.bin", "onnx/model.onnx", "onnx/config.json", "runs/x/events.json"])
        expect(wants(path), `${name}: ${path}`).toBe(false);
    }
    const wants = fileFilter(models.find(({ name }) => name === "smollm2-135m")?.files ?? []);
    const text = [
      "tokenizer.json",
      "tokenizer_config.json",
      "vocab.json",
      "merges.txt",
      "generation_config.json",
    ];
    for (const path of text) expect(wants(path), path).toBe(true);
    for (const path of ["training_args.bin", "trainer_state.json", ".gitattributes"])
      expect(wants(path), path).toBe(false);
  });

  it("of one's own stand beside them and replace them; a mistake is told with its key", async () => {
    const yaml = await readFile(join(shipped, "models/dinov2-small.yaml"), "utf8");
    const file = join(own, "models/dinov2-small.yaml");
    await writeFile(file, yaml.replace("title: DINOv2 small", "title: Mine"));
    const presets = await loadPresets([shipped, own]);
    expect(presets.model("dinov2-small").title).toBe("Mine");
    expect(presets.models()).toHaveLength(4);
    expect(() => presets.model("dinov2-smal")).toThrow(
      "unknown model dinov2-smal; did you mean dinov2-small?",
    );
    await writeFile(file, yaml.replace("commercial: yes", "commercial: maybe"));
    const spoiled = await loadPresets([shipped, own]);
    expect(() => spoiled.model("dinov2-small")).toThrow(
      /models\/dinov2-small\.yaml holds mistakes: .*terms\.commercial/,
    );
    expect(spoiled.invalid.map(({ file }) => file)).toEqual(["models/dinov2-small.yaml"]);
    expect(spoiled.models()).toHaveLength(3);
  });
});
