import { describe, expect, it } from "vitest";
import { Seeded } from "../testing/seeded.ts";
import {
  basename,
  isKey,
  type PartId,
  partLabel,
  sampleKey,
  shardName,
  slug,
  stem,
  subsetWord,
  supplementName,
} from "./names.ts";

const whole = (part: number) => ({ subset: null, part });
const of = (subset: string, part: number) => ({ subset, part });
const keyOf = (keyPrefix: string, part: PartId, position: number, record?: number) =>
  sampleKey({ keyPrefix, part, position, record });

describe("the name of a part", () => {
  it.each([
    [whole(0), "p0000"],
    [whole(73), "p0073"],
    [whole(12_345), "p12345"],
    [of("ai2d", 0), "ai2d-p0000"],
    [of("AI2D (gpt4v)", 7), "ai2d-gpt4v-p0007"],
    [of("0_30_s", 7), "0_30_s-p0007"],
  ])("%o is %s", (id, label) => expect(partLabel(id)).toBe(label));
});

describe("the names of what a part becomes", () => {
  it("begin with the dataset or its key prefix, and sort as their numbers do", () => {
    expect(keyOf("openvid", whole(73), 12)).toBe("openvid-p0073-000012");
    expect(keyOf("vista", of("AI2D", 0), 12, 3)).toBe("vista-ai2d-p0000-000012-3");
    expect(keyOf("vista", of("AI2D", 0), 12, 0)).toBe("vista-ai2d-p0000-000012-0");
    const turnOf = (record: number | undefined, turn: number) =>
      sampleKey({ keyPrefix: "vista", part: whole(1), position: 12, record, turn });
    expect([turnOf(undefined, 0), turnOf(3, 2)]).toEqual([
      "vista-p0001-000012-t0",
      "vista-p0001-000012-3-t2",
    ]);
    expect(shardName("openvid-1m", whole(73), 0)).toBe("openvid-1m-p0073-0000");
    expect(supplementName("openvid-1m", whole(73), 1)).toBe("openvid-1m-p0073-r01");
    expect(supplementName("vista", of("AI2D", 73), 12)).toBe("vista-ai2d-p0073-r12");
    const keys = [0, 9, 10, 999_999].map((position) => keyOf("openvid", whole(1), position));
    expect(keys.toSorted()).toEqual(keys);
  });

  it("never meet: no supplement has the name of a range, and no two positions one key", () => {
    const names = [0, 1, 12].flatMap((number) => [
      shardName("toy", whole(1), number),
      supplementName("toy", whole(1), number),
      shardName("toy", of("a", 1), number),
    ]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("a key", () => {
  it.each(["openvid-p0073-000012", "a", "0_x-y", "a".repeat(60)])("may be %s", (text) => {
    expect(isKey(text)).toBe(true);
  });

  it.each([
    ["", "nothing"],
    ["a.b", "a dot: readers take what follows for the suffix"],
    ["a/b", "a slash"],
    ["Abc", "an upper-case letter"],
    ["-a", "a hyphen in front"],
    ["_a", "an underscore in front"],
    ["é", "a letter that is not ASCII"],
    ["a b", "a blank"],
    ["a\n", "a line's end"],
    ["a".repeat(61), "61 bytes"],
  ])("may not be %j: %s", (text) => {
    expect(isKey(text)).toBe(false);
  });

  it("is one whatever the subset is called, as long as its word is not too long", () => {
    const seeded = new Seeded(13);
    const letters = ["A", "z", "9", "_", "-", " ", ".", "/", "(", "é", "中", "\u0301", "ß", "😀"] as const;
    for (let at = 0; at < 500; at += 1) {
      const subset = Array.from({ length: 1 + seeded.below(12) }, () => seeded.pick(letters)).join("");
      const key = keyOf("toy", of(subset, seeded.below(10_000)), seeded.below(1_000_000));
      expect(isKey(key), `${JSON.stringify(subset)} gives ${key}`).toBe(true);
    }
  });
});

describe("the word for a subset", () => {
  it.each([
    ["AI2D", "ai2d"],
    ["aokvqa(cauldron,llava_format)", "aokvqa-cauldron-llava_format"],
    ["  a -- b  ", "a-b"],
    ["Ünï", "n"],
    ["a_b", "a_b"],
  ])("%s is %s", (subset, word) => {
    expect(subsetWord(subset)).toBe(word);
    expect(slug(subset)).toBe(word);
  });

  it("of a script that leaves nothing of it is made of its hash, and so is no other subset's", () => {
    expect(slug("中文数据")).toBe("");
    expect(subsetWord("中文数据")).toMatch(/^x[0-9a-f]{8}$/);
    expect(subsetWord("图像")).not.toBe(subsetWord("中文数据"));
    expect(subsetWord("")).toMatch(/^x[0-9a-f]{8}$/);
  });
});

describe("the name of a file in an archive", () => {
  it.each([
    ["videos/a.mp4", "a.mp4", "a"],
    ["videos\\a.mp4", "a.mp4", "a"],
    ["a/b\\c/d.tar.gz", "d.tar.gz", "d.tar"],
    ["a/b/c\\d.x", "d.x", "d"],
    ["noext", "noext", "noext"],
    [".hidden", ".hidden", ".hidden"],
    ["a/.hidden.mp4", ".hidden.mp4", ".hidden"],
    ["a.b/c", "c", "c"],
    ["dots...", "dots...", "dots.."],
    ["folder/", "", ""],
    ["", "", ""],
  ])("%j is %j without folders, and %j without its ending", (path, base, name) => {
    expect(basename(path)).toBe(base);
    expect(stem(path)).toBe(name);
  });
});
