import { readFileSync, rmSync } from "node:fs";
import { defaultRecipe, type FrameSettings } from "@shardmill/core";
import { afterAll, describe, expect, it } from "vitest";
import { ClipWorkshop, x264 } from "../../testing/clip-workshop.ts";
import { testFolder } from "../../testing/make-clip.ts";
import { decodeWithLibav } from "./decode-with-libav.ts";
import { type ClipDecoder, type DecodedFrame, FrameDecoder, type OpenDecoder } from "./frame-decoder.ts";

const folder = testFolder();
const shop = new ClipWorkshop(folder);
const settings: FrameSettings = { ...defaultRecipe, size: 64 };
const path = shop.take("a", "honest.mp4", x264(), { seconds: 4 });
const clip = { name: path, bytes: readFileSync(path) };

afterAll(() => rmSync(folder, { recursive: true }));

/** What becomes of the frames' times on their way out: the first decoder of a clip lies, those after it do not. */
type Lie = (times: (number | null)[]) => (number | null)[];

function liar(lie: Lie): { readonly open: OpenDecoder; readonly opened: () => number } {
  let opened = 0;
  const open: OpenDecoder = (libav, track, maxPixels) => {
    opened += 1;
    const honest = FrameDecoder.open(libav, track, maxPixels);
    return honest === null || opened > 1 ? honest : new LyingDecoder(honest, lie);
  };
  return { open, opened: () => opened };
}

/** Frames are refilled one after the other, so it lies about when they are shown; a time too few is a frame dropped. */
class LyingDecoder implements ClipDecoder {
  readonly #honest: ClipDecoder;
  readonly #lie: Lie;
  #times: (number | null)[] = [];

  constructor(honest: ClipDecoder, lie: Lie) {
    this.#honest = honest;
    this.#lie = lie;
  }

  get refused(): number {
    return this.#honest.refused;
  }

  get decoded(): number {
    return this.#honest.decoded;
  }

  get skipsFilter(): boolean {
    return this.#honest.skipsFilter;
  }

  set skipsFilter(skips: boolean) {
    this.#honest.skipsFilter = skips;
  }

  *decode(packet: Parameters<ClipDecoder["decode"]>[0]): Generator<DecodedFrame, void> {
    for (const frame of this.#honest.decode(packet)) yield* this.#told(frame);
  }

  *drain(): Generator<DecodedFrame, void> {
    for (const frame of this.#honest.drain()) yield* this.#told(frame);
  }

  close(): void {
    this.#honest.close();
  }

  *#told(frame: DecodedFrame): Generator<DecodedFrame, void> {
    const before = this.#lie(this.#times).length;
    this.#times = [...this.#times, frame.pts];
    for (const pts of this.#lie(this.#times).slice(before)) yield { ...frame, pts };
  }
}

const lies: Record<string, Lie> = {
  "drops a frame": (times) => times.filter((_, at) => at !== 3),
  "repeats a frame": (times) => times.flatMap((time, at) => (at === 3 ? [time, time] : [time])),
  "gives two frames in the wrong order": (times) =>
    times.map((time, at) => (at === 3 ? (time ?? 0) + 512 : at === 4 ? (time ?? 0) - 512 : time)),
  "forgets a time": (times) => times.map((time, at) => (at === 3 ? null : time)),
};

describe("a plan is held against what the decoder gives", () => {
  it("and kept where the decoder is honest", async () => {
    const honest = liar((times) => times);
    const never = new AbortController().signal;
    expect(await decodeWithLibav(clip, settings, never, { openDecoder: honest.open })).toMatchObject({
      remarks: [],
    });
    expect(honest.opened()).toBe(1);
  });

  it.each(Object.entries(lies))("and the clip is decoded whole where it %s", async (_name, lie) => {
    const never = new AbortController().signal;
    const truth = await decodeWithLibav(clip, settings, never);
    const { open, opened } = liar(lie);
    const found = await decodeWithLibav(clip, settings, never, { openDecoder: open });
    if (truth.kind === "rejected" || found.kind === "rejected") throw new Error("a clip without frames");
    expect(found.frames).toEqual(truth.frames);
    expect(found.timesS).toEqual(truth.timesS);
    expect(found.info).toEqual(truth.info);
    expect(found.remarks.map(({ code }) => code)).toEqual(["clip_unlike_its_packets"]);
    // The liar, then one that lists the frames, then one that gives the picked ones.
    expect(opened()).toBe(3);
  });
});
