import { printOfJpeg } from "@shardmill/shards";
import sharp from "sharp";
import { expect, it } from "vitest";
import { seededRandom } from "../../../core/testing/seeded.ts";
import { aClip, aComparedSet } from "../../testing/compared-sets.ts";
import { compareSets } from "./compare-sets.ts";
import type { ComparedSample, RelatedPair } from "./compared-set.ts";

const clips = 2_000;
const side = 64;

interface Shape {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly luma: number;
  readonly isRound: boolean;
  /** Pixels a frame. */
  readonly moves: number;
}

/** A dozen shapes on a ground that is brighter on one side, each clip with its own; one in ten between the bars of a film. */
function sceneOf(number: number): {
  readonly shapes: readonly Shape[];
  readonly slope: number;
  readonly bars: number;
} {
  const random = seededRandom(number + 1);
  const below = (bound: number): number => random() % bound;
  const shapes = Array.from({ length: 6 + below(10) }, () => ({
    x: below(side),
    y: below(side),
    width: 6 + below(26),
    height: 6 + below(26),
    luma: below(256),
    isRound: below(2) === 0,
    moves: below(9) - 4,
  }));
  return { shapes, slope: (below(200) - 100) / side, bars: number % 10 === 3 ? 14 : 0 };
}

function jpegOf(number: number, frame: number): Promise<Buffer> {
  const { shapes, slope, bars } = sceneOf(number);
  const pixels = Buffer.alloc(side * side);
  for (let y = bars; y < side - bars; y += 1)
    for (let x = 0; x < side; x += 1) {
      let luma = 110 + slope * (x - side / 2);
      for (const shape of shapes) {
        const [dx, dy] = [(x - shape.x - frame * shape.moves) / shape.width, (y - shape.y) / shape.height];
        if (shape.isRound ? dx * dx + dy * dy < 0.25 : Math.abs(dx) < 0.5 && Math.abs(dy) < 0.5)
          luma = shape.luma;
      }
      pixels[y * side + x] = Math.max(0, Math.min(255, luma));
    }
  return sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

it(`calls nearly none of ${clips} unlike clips the same as another`, async () => {
  const samples: ComparedSample[] = [];
  for (let number = 0; number < clips; number += 1) {
    const frames = await Promise.all(
      [0, 1, 2].map(async (frame) => printOfJpeg(await jpegOf(number, frame))),
    );
    samples.push(aClip(number, frames));
  }
  const set = aComparedSet("unlike", samples);
  const pairs: RelatedPair[] = [];
  const { a } = await compareSets(set, set, {
    signal: new AbortController().signal,
    onPair: (pair) => void pairs.push(pair),
  });
  console.log(
    `${clips} unlike clips: ${a.related.any} false alarms (${pairs.map(({ a: one, b: other }) => `${one.key} ${other.key}`).join(", ")}), ${a.flatFrames} frames without a vote, ${a.unjudged} clips not judged`,
  );
  expect(a.samples).toBe(clips);
  expect(a.related.any).toBeLessThanOrEqual(clips / 500);
  expect(a.unjudged).toBeLessThan(clips / 10);
});
