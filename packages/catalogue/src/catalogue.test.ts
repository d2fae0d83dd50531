import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "@shardmill/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalogue, nearestName, parseDataset, problemText } from "./index.ts";

const shipped = fileURLToPath(new URL("../../../config/datasets", import.meta.url));

describe("the shipped catalogue", () => {
  it("holds no mistake in any file", async () => {
    const catalogue = await loadCatalogue(shipped);
    expect(catalogue.invalid.map(({ file, problems }) => [file, ...problems.map(problemText)])).toEqual([]);
    const names = catalogue.list().map(({ name }) => name);
    for (const name of ["llava-video-178k", "openvid-1m", "the-cauldron", "vista-400k"])
      expect(names).toContain(name);
    for (const { bibtex, citation, license } of catalogue.list()) {
      expect(bibtex).toMatch(/^@\w+\{/);
      expect(citation.length).toBeGreaterThan(20);
      expect(license).not.toBe("");
    }
  });

  it("names the nearest entry for a slip and all entries for anything else", async () => {
    const catalogue = await loadCatalogue(shipped);
    const messageOf = (name: string): string => {
      try {
        catalogue.get(name);
        return "";
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        return error instanceof Failure ? `${error.code}: ${error.message}` : "";
      }
    };
    expect(messageOf("openvid1m")).toBe("wrong_use: unknown dataset openvid1m; did you mean openvid-1m?");
    expect(messageOf("Vista-400k")).toMatch(/did you mean vista-400k\?$/);
    expect(messageOf("llava")).toMatch(/did you mean llava-hound\?$/);
    expect(messageOf("imagenet")).toMatch(/known are llava-hound, llava-video-178k, mlvu, /);
  });
});

describe("several folders", () => {
  let dir = "";
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "shardmill-catalogue-"));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it("let the user's entry replace the shipped one, and a spoiled entry spoils no other", async () => {
    const yaml = await readFile(join(shipped, "openvid-1m.yaml"), "utf8");
    await writeFile(join(dir, "openvid-1m.yaml"), yaml.replace("title: OpenVid-1M", "title: Mine"));
    await writeFile(join(dir, "broken.yaml"), "name: broken\ntitel: x\n");
    const catalogue = await loadCatalogue([shipped, dir]);
    expect(catalogue.get("openvid-1m").title).toBe("Mine");
    expect(catalogue.list().length).toBeGreaterThanOrEqual(4);
    expect(catalogue.invalid.map(({ file }) => file)).toEqual(["broken.yaml"]);
    expect(() => catalogue.get("broken")).toThrow(
      /broken\.yaml holds mistakes: .*titel \(line 2\): unknown key/,
    );
  });

  it("that cannot be read are wrong use", async () => {
    await expect(loadCatalogue(join(dir, "none"))).rejects.toMatchObject({ code: "wrong_use" });
  });
});

describe("an entry with mistakes", () => {
  const base = (): string => `name: mine
title: Mine
keyPrefix: mine
sourceName: mine
license: MIT
source: { kind: folder }
parts:
  - archive: zip
    path: part{part}.zip
media: video
annotations:
  kind: files
  files: [{ path: x.csv, format: csv }]
  key: video
text: { adapter: caption, caption: caption }
`;
  const problemsOf = (yaml: string): string[] => {
    const parsed = parseDataset(yaml, "mine.yaml");
    return parsed.kind === "ok" ? [] : parsed.problems.map(problemText);
  };

  it("is fine without them", () => {
    expect(problemsOf(base())).toEqual([]);
  });

  it("tells all of them at once, each with its key path and line", () => {
    const yaml = base()
      .replace("keyPrefix: mine", "keyPrefix: Mine!")
      .replace("license: MIT\n", "")
      .replace("media: video", "media: sound")
      .replace("archive: zip", "archive: rar\n    colour: red");
    const problems = problemsOf(yaml);
    expect(problems).toHaveLength(5);
    expect(problems.join("\n")).toMatch(/keyPrefix \(line 3\): expected lower-case/);
    expect(problems.join("\n")).toMatch(/license: /);
    expect(problems.join("\n")).toMatch(/media \(line 10\)/);
    expect(problems.join("\n")).toMatch(/parts\.0\.archive \(line 7\)/);
    expect(problems.join("\n")).toMatch(/parts\.0\.colour \(line 8\): unknown key/);
  });

  it("tells what does not agree between fields, all at once", () => {
    const yaml = `${base()
      .replace("name: mine", "name: other")
      .replace("path: part{part}.zip", "path: part*.zip\n    pieces: p{part}{piece}{bit}\n    subsets: [a]")
      .replace("caption: caption }", "question: q }")}fields:
  duration: { from: seconds, type: float }
recipe: { fps: -1, limits: { maxBytes: 0 } }
`;
    expect(problemsOf(yaml).map((text) => text.replace(/ \(line \d+\)/, ""))).toEqual([
      "name: expected the file's name, mine",
      "parts.0.path: expected {part} in the pattern",
      "parts.0.subsets: the path holds no {subset}",
      "parts.0.pieces: {bit} is unknown; known are {subset}, {part}, {piece}, {of}, {hash}",
      "parts.0.pieces: expected {part} in both path and pieces, or in neither",
      "text.question: the adapter caption reads caption and not this",
      "fields.duration: this key of the sample's JSON has a meaning already",
      expect.stringMatching(/^recipe\.fps: /),
      expect.stringMatching(/^recipe\.limits\.maxBytes: /),
    ]);
  });

  it("tells when parts and records are of two shapes", () => {
    const links = base().replace("archive: zip", "archive: urls");
    expect(problemsOf(links)).toEqual([
      expect.stringMatching(/^parts\.0\.archive .*parts of urls need annotations of kind links/),
    ]);
    const rows = base().replace(
      /annotations:.*key: video/s,
      "annotations: { kind: links, format: csv, url: link }",
    );
    expect(problemsOf(rows)).toEqual([
      expect.stringMatching(/^parts\.0\.archive .*annotations of kind links need parts of urls/),
    ]);
  });

  it("tells broken YAML with its line", () => {
    expect(problemsOf("name: mine\n  title: [\n")[0]).toMatch(/^\(line \d\): /);
    expect(problemsOf("just words")[0]).toMatch(/expected object/);
    expect(problemsOf("")[0]).toMatch(/expected object/);
  });
});

describe("the nearest name", () => {
  it.each([
    ["opnevid-1m", "openvid-1m"],
    ["openvid", "openvid-1m"],
    ["cauldron", null],
    ["zzz", null],
    ["", null],
  ])("to %s is %s", (typed, expected) => {
    expect(nearestName(typed, ["openvid-1m", "the-cauldrons-of-old"])).toBe(expected);
  });
});
