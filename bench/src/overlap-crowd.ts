import { differenceHash, flatFrame, type SamplePrints } from "@shardmill/shards";

export type PrintedClip = SamplePrints;

/** Two outputs of clips by their prints. */
export interface Crowd {
  a(): Iterable<PrintedClip>;
  b(): Iterable<PrintedClip>;
  /** Whether a clip of `a` lies in `b` too, in another encoding. */
  isPlanted(key: string): boolean;
}

const titleCards = 3;
const framesOfClip = 3;

/** The first `planted` of both are the same clips. Every clip is made when it is asked for, so that the crowd takes no memory. */
export function crowdOf({ samples, planted }: { readonly samples: number; readonly planted: number }): Crowd {
  const clips = function* (seed: number): Generator<PrintedClip> {
    for (let number = 0; number < samples; number += 1) {
      const key = keyOf(number);
      const own = seed * samples + number;
      const frames = number < planted ? plantedClip(number, { isEncodedAgain: seed > 1, own }) : anyClip(own);
      yield { key, pictures: [], frames };
    }
  };
  return { a: () => clips(1), b: () => clips(2), isPlanted: (key) => Number(key.slice(-6)) < planted };
}

function keyOf(number: number): string {
  return `crowd-p0000-${String(number).padStart(6, "0")}`;
}

/** One in ten black, one in ten with a title card before it, one in ten between the bars of a film. */
function anyClip(seed: number): string[] {
  switch (seed % 10) {
    case 0:
      return Array.from({ length: framesOfClip }, () => flatFrame);
    case 1: {
      const [, ...rest] = unlikeClip(seed);
      const card = differenceHash(lumaOf(sceneOf(seed % titleCards), 0, 0));
      return [...reencoded([card], seed), ...rest];
    }
    case 2:
      return unlikeClip(seed, 2);
    default:
      return unlikeClip(seed);
  }
}

/** Three frames of one scene that moves; `bars`: rows of black above and below. */
function unlikeClip(seed: number, bars = 0): string[] {
  const scene = sceneOf(1_000 + seed);
  return Array.from({ length: framesOfClip }, (_, at) => differenceHash(lumaOf(scene, at, bars)));
}

function plantedClip(
  number: number,
  { isEncodedAgain, own }: { readonly isEncodedAgain: boolean; readonly own: number },
): string[] {
  const prints = unlikeClip(number);
  return isEncodedAgain ? reencoded(prints, own) : prints;
}

/** At most three bits of each are other ones; of the last frame any number. */
function reencoded(prints: readonly string[], seed: number): string[] {
  const random = randomOf(seed);
  return prints.map((print, at) => {
    if (print === flatFrame) return print;
    let value = BigInt(`0x${print}`);
    const turned = at === 2 ? 12 : Math.floor(random() * 4);
    for (let bit = 0; bit < turned; bit += 1) value ^= 1n << BigInt(Math.floor(random() * 64));
    return value.toString(16).padStart(16, "0");
  });
}

interface Wave {
  readonly x: number;
  readonly y: number;
  readonly phase: number;
  readonly speed: number;
}

function sceneOf(seed: number): Wave[] {
  const random = randomOf(seed);
  return Array.from({ length: 8 }, () => ({
    x: random() * 5 - 2.5,
    y: random() * 5 - 2.5,
    phase: random() * 2 * Math.PI,
    speed: random() * 0.6,
  }));
}

function lumaOf(waves: readonly Wave[], time: number, bars: number): Uint8Array {
  const luma = new Uint8Array(72);
  for (let row = bars; row < 8 - bars; row += 1)
    for (let column = 0; column < 9; column += 1) {
      const sum = waves.reduce(
        (all, { x, y, phase, speed }) => all + Math.sin(x * column + y * row + phase + speed * time),
        0,
      );
      luma[row * 9 + column] = Math.round(128 + 20 * sum);
    }
  return luma;
}

/** mulberry32, 0 to 1. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
