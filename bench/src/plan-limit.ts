import { readFile } from "node:fs/promises";
import { defaultRecipe } from "@shardmill/core";
import { mediaInside } from "./media-inside.ts";

/** Of a clip, what its decoder was fed and which of the frames that came out were taken. */
export interface LimitPlan {
  readonly path: string;
  readonly stream: number;
  /** Packets by their times, as text; the decoder is emptied between runs. */
  readonly runs: readonly (readonly string[])[];
  /** Places in the order in which frames come out. */
  readonly taken: readonly number[];
}

const { decodeWithLibav } = await mediaInside("libav/decode-with-libav.js");
const { FrameDecoder } = await mediaInside("libav/frame-decoder.js");

/** What planning asks for of a clip, seen over the shoulder of a decode of it. */
export async function planOf(path: string): Promise<LimitPlan> {
  const seen = { stream: 0, runs: [[]] as string[][], taken: [] as number[] };
  const clip = { name: path, bytes: await readFile(path) };
  const decoded = await decodeWithLibav(clip, defaultRecipe, new AbortController().signal, {
    openDecoder: (...asked) => {
      const decoder = FrameDecoder.open(...asked);
      // The last pass over a clip is the one that its frames are of.
      Object.assign(seen, { stream: asked[1].stream.index, runs: [[]], taken: [] });
      return decoder === null ? null : watched(decoder, seen);
    },
  });
  if (decoded.kind === "rejected") throw new Error(`${path}: ${decoded.rejection.detail}`);
  return { ...seen, path, runs: seen.runs.filter((run) => run.length > 0) };
}

type Decoder = NonNullable<ReturnType<(typeof FrameDecoder)["open"]>>;
type Packet = Parameters<Decoder["decode"]>[0];

/** The same decoder, with a note of what goes in, and of which frames are asked for their pixels. */
function watched(decoder: Decoder, seen: { runs: string[][]; taken: number[] }) {
  let order = 0;
  function* noted(frames: ReturnType<Decoder["drain"]>): ReturnType<Decoder["drain"]> {
    for (const decoded of frames) {
      const place = order;
      order += 1;
      yield {
        ...decoded,
        get frame() {
          seen.taken.push(place);
          return decoded.frame;
        },
      };
    }
  }
  return {
    get refused() {
      return decoder.refused;
    },
    get decoded() {
      return decoder.decoded;
    },
    skipsFilter: false,
    decode(packet: Packet) {
      seen.runs.at(-1)?.push(String(packet.pts));
      return noted(decoder.decode(packet));
    },
    drain() {
      seen.runs.push([]);
      return noted(decoder.drain());
    },
    close: () => decoder.close(),
  };
}
