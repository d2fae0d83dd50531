import { describe, expect, it } from "vitest";
import { Seeded } from "../../../core/testing/seeded.ts";
import { aClip, aComparedSet, nearPrint, unlikePrints } from "../../testing/compared-sets.ts";
import { compareSets } from "./compare-sets.ts";
import type { ComparedSample, ComparedSet, RelatedPair } from "./compared-set.ts";

const signal = new AbortController().signal;

async function compared(a: ComparedSet, b: ComparedSet, samplesPerBlock?: number) {
  const pairs: RelatedPair[] = [];
  const onPair = (pair: RelatedPair): void => void pairs.push(pair);
  const overlap = await compareSets(a, b, { signal, onPair, ...(samplesPerBlock && { samplesPerBlock }) });
  return { ...overlap, pairs };
}

const keysOf = (pairs: readonly RelatedPair[], side: "a" | "b"): string[] =>
  [...new Set(pairs.map((pair) => pair[side].key))].sort();

/** Bits of a hex digit. */
const onesOf = Array.from({ length: 16 }, (_, digit) => digit.toString(2).replaceAll("0", "").length);

/** By the letter of the rule: at most 3 bits in two of three frames. */
function isNear(a: ComparedSample, b: ComparedSample): boolean {
  const votes = a.frames.filter((print, at) => {
    const other = b.frames[at] ?? "flat";
    if (print === "flat" || other === "flat") return false;
    let bits = 0;
    for (let at = 0; at < 16; at += 1)
      bits += onesOf[Number.parseInt(print[at] ?? "", 16) ^ Number.parseInt(other[at] ?? "", 16)] ?? 0;
    return bits <= 3;
  });
  return votes.length >= 2;
}

/** Clips of a few scenes with up to five bits turned and some flat frames, so that many are near and many just not. */
function crowdedClips(seed: number, count: number): ComparedSample[] {
  const seeded = new Seeded(seed);
  const next = unlikePrints(7);
  const scenes = Array.from({ length: 12 }, next);
  const turned = (print: string): string =>
    nearPrint(
      print,
      Array.from({ length: seeded.below(6) }, () => seeded.below(64)),
    );
  return Array.from({ length: count }, (_, number) =>
    aClip(
      number,
      [0, 1, 2].map(() =>
        seeded.below(8) === 0 ? "flat" : turned(scenes[seeded.below(scenes.length)] ?? ""),
      ),
    ),
  );
}

describe("samples that are related", () => {
  it.each([undefined, 97])(
    "finds all clips of which two of three frames are near, and no others (blocks of %s)",
    async (size) => {
      const [a, b] = [crowdedClips(1, 500), crowdedClips(2, 400)];
      const found = await compared(aComparedSet("a", a), aComparedSet("b", b), size);
      const nearOfA = a.filter((one) => b.some((other) => isNear(one, other))).map(({ key }) => key);
      const nearOfB = b.filter((one) => a.some((other) => isNear(one, other))).map(({ key }) => key);
      expect(nearOfA.length).toBeGreaterThan(30);
      expect(nearOfA.length).toBeLessThan(450);
      expect(keysOf(found.pairs, "a")).toEqual(nearOfA);
      expect(keysOf(found.pairs, "b")).toEqual(nearOfB);
      expect(found.a.related.fingerprint).toBe(nearOfA.length);
      expect(found.b.related).toMatchObject({ any: nearOfB.length, fingerprint: nearOfB.length, picture: 0 });
      const byKey = new Map(b.map((one) => [one.key, one]));
      for (const pair of found.pairs) {
        const [one, other] = [a.find(({ key }) => key === pair.a.key), byKey.get(pair.b.key)];
        expect(one !== undefined && other !== undefined && isNear(one, other), pair.a.key).toBe(true);
      }
    },
  );

  it("finds near ones within a set, across its groups", async () => {
    const clips = crowdedClips(3, 400).map((clip, at) => ({ ...clip, group: `yt:${at >> 2}` }));
    const set = aComparedSet("a", clips);
    const near = clips
      .filter((one) => clips.some((other) => one.group !== other.group && isNear(one, other)))
      .map(({ key }) => key);
    for (const size of [undefined, 61]) {
      const found = await compared(set, set, size);
      expect([...new Set([...keysOf(found.pairs, "a"), ...keysOf(found.pairs, "b")])].sort()).toEqual(near);
      expect(found.a.related.any).toBe(near.length);
      expect(found.b).toEqual(found.a);
    }
  });

  it("leaves flat frames out of the votes, and tells how many there were and of whom nothing is known", async () => {
    const next = unlikePrints(5);
    const [one, two] = [next(), next()];
    const clips = [
      aClip(0, ["flat", "flat", "flat"]),
      aClip(1, ["flat", one, "flat"]),
      aClip(2, ["flat", one, two]),
      aClip(3, ["unreadable", two, one]),
    ];
    const { a, b, pairs } = await compared(aComparedSet("a", clips), aComparedSet("b", clips));
    expect(pairs.map(({ a: { key } }) => key)).toEqual([clips[2]?.key, clips[3]?.key]);
    expect(pairs[0]).toMatchObject({ by: "fingerprint", of: null, distances: [null, 0, 0] });
    expect(a).toMatchObject({ samples: 4, flatFrames: 6, unreadableFrames: 1, unjudged: 2 });
    expect(b.flatFrames).toBe(6);
  });

  it("tells of 5,000 copies on either side without telling each pair of them", async () => {
    const next = unlikePrints(6);
    const [one, two, three] = [next(), next(), next()];
    const copies = Array.from({ length: 5_000 }, (_, number) => {
      const bits = [number % 64, (number >> 3) % 64, (number >> 6) % 64];
      const frames = [one, nearPrint(two, bits.slice(0, 1)), nearPrint(three, bits.slice(1, 2))];
      return aClip(number, frames, { group: "yt:copied", pictures: ["p"] });
    });
    const { a, b, pairs } = await compared(aComparedSet("a", copies), aComparedSet("b", copies));
    expect(a.related).toEqual({ any: 5_000, group: 5_000, picture: 5_000, fingerprint: 5_000 });
    expect(b.related).toEqual(a.related);
    expect(pairs.length).toBeLessThanOrEqual(3 * 10_000);
  });
});

describe("groups and pictures", () => {
  const sample = (number: number, group: string | null, ...pictures: string[]): ComparedSample =>
    aClip(number, [], { group, pictures });

  it("meet where both have the same, by subset", async () => {
    const a = aComparedSet(
      "a",
      [sample(0, "yt:x", "1"), sample(1, "yt:y", "2"), sample(2, null, "3", "4"), sample(3, "yt:x")],
      { perShard: 2, subsetOf: (shard) => `s${shard}` },
    );
    const b = aComparedSet("b", [sample(0, "yt:x"), sample(1, null, "4"), sample(2, "yt:z", "2")]);
    const { pairs, a: ofA, b: ofB } = await compared(a, b);
    expect(
      pairs.map(({ by, of, a: { key }, b: { key: other } }) => [by, of, key.slice(-1), other.slice(-1)]),
    ).toEqual([
      ["group", "yt:x", "0", "0"],
      ["group", "yt:x", "3", "0"],
      ["picture", "2", "1", "2"],
      ["picture", "4", "2", "1"],
    ]);
    expect(ofA.related).toEqual({ any: 4, group: 2, picture: 2, fingerprint: 0 });
    expect(ofA.subsets.map(({ subset, samples, related }) => [subset, samples, related.any])).toEqual([
      ["s0", 2, 2],
      ["s1", 2, 2],
    ]);
    expect(ofB.related).toMatchObject({ any: 3, group: 1, picture: 2 });
  });

  it("of members' names meet within one dataset only", async () => {
    const samples = [sample(0, "member:1.mp4"), sample(1, "img:1")];
    const [raw, tokens] = ["raw", "tokens"].map((name) => aComparedSet(name, samples, { entry: "one" }));
    const other = aComparedSet("other", samples);
    if (raw === undefined || tokens === undefined) throw new Error();
    expect((await compared(raw, other)).pairs).toEqual([]);
    expect((await compared(raw, tokens)).pairs).toMatchObject([{ by: "group", of: "member:1.mp4" }]);
  });

  it("within a set find the same picture of two groups, and never a sample and itself", async () => {
    const samples = [
      sample(0, "g:1", "p"),
      sample(1, "g:1", "p"),
      sample(2, "g:1", "p"),
      sample(3, "g:2", "p"),
      sample(4, "g:3", "q"),
      sample(5, null, "q"),
      sample(6, null, "r"),
    ];
    const set = aComparedSet("a", samples);
    for (const size of [undefined, 2]) {
      const { a, pairs } = await compared(set, set, size);
      expect(a.related).toMatchObject({ any: 6, group: 0, picture: 6 });
      for (const pair of pairs) expect(pair.a.key).not.toBe(pair.b.key);
    }
  });

  it("counts a set that nothing is compared with", async () => {
    const { a, b } = await compared(aComparedSet("a", []), aComparedSet("b", [sample(0, null, "1")]));
    expect([a.samples, b.samples]).toEqual([0, 1]);
  });
});
