import { setImmediate } from "node:timers/promises";
import type { Packet } from "node-av/lib";
import type { DecodePlan } from "../sampling/plan-decode.ts";
import type { DecodedFrame, OpenDecoder } from "./frame-decoder.ts";
import type { Libav } from "./load-libav.ts";
import { MemoryInput } from "./memory-input.ts";
import { trackPackets } from "./read-packets.ts";
import type { VideoTrack } from "./video-track.ts";

/** Everything that is in the clip. */
export const wholeClip: DecodePlan = { kind: "all", why: "the whole clip is decoded" };

/** What a pass over a clip cost and met. */
export interface Pass {
  readonly decoded: number;
  readonly decodeErrors: number;
}

export interface Source {
  readonly libav: Libav;
  readonly bytes: Uint8Array;
  readonly track: VideoTrack;
  readonly kept: readonly Packet[] | null;
  readonly maxPixels: number;
  readonly openDecoder: OpenDecoder;
  /** Whether a picture that stands alone may go without its deblocking filter. */
  readonly isLoose: boolean;
}

/** Milliseconds of decoding after which the event loop gets its turn: cancellation and progress need it. */
const turnMs = 100;

/**
 * Runs the planned packets through a fresh decoder and shows every frame to `see`, until it answers "enough".
 * Null where no decoder opens.
 */
export async function decodePass(
  source: Source,
  plan: DecodePlan,
  see: (frame: DecodedFrame, order: number) => "more" | "enough",
  signal: AbortSignal,
): Promise<Pass | null> {
  const decoder = source.openDecoder(source.libav, source.track, source.maxPixels);
  if (decoder === null) return null;
  const counts = { damaged: 0, order: 0 };
  const show = (frames: Iterable<DecodedFrame>): boolean => {
    for (const decoded of frames) {
      if (decoded.isDamaged) counts.damaged += 1;
      counts.order += 1;
      if (see(decoded, counts.order - 1) === "enough") return true;
    }
    return false;
  };
  try {
    let turnEnds = performance.now() + turnMs;
    for (const step of steps(source, plan)) {
      if (step !== "drain") decoder.skipsFilter = source.isLoose && step.standsAlone;
      if (show(step === "drain" ? decoder.drain() : decoder.decode(step.packet))) break;
      if (performance.now() < turnEnds) continue;
      await setImmediate();
      signal.throwIfAborted();
      turnEnds = performance.now() + turnMs;
    }
    return { decoded: decoder.decoded, decodeErrors: decoder.refused + counts.damaged };
  } finally {
    decoder.close();
  }
}

/** A packet, and whether the decoder is emptied before it and after it; or the emptying itself. */
type Step = "drain" | { readonly packet: Packet; readonly standsAlone: boolean };

/** The plan's packets in order, and where the decoder is emptied. */
function* steps(source: Source, plan: DecodePlan): Generator<Step, void> {
  if (plan.kind === "all") {
    for (const { packet } of videoPackets(source)) yield { packet, standsAlone: false };
    yield "drain";
    return;
  }
  const runOf = new Map(plan.runs.flatMap((run, number) => run.map((index) => [index, number] as const)));
  let current = 0;
  for (const { packet, index } of videoPackets(source)) {
    const run = runOf.get(index);
    if (run === undefined) continue;
    if (run !== current) yield "drain";
    current = run;
    yield { packet, standsAlone: plan.runs[run]?.length === 1 };
  }
  yield "drain";
}

/** The track's packets with their places; such as hold nothing are no decoder's business. */
function* videoPackets(source: Source): Generator<{ packet: Packet; index: number }, void> {
  let index = -1;
  for (const packet of source.kept ?? readAgain(source)) {
    index += 1;
    if (packet.size > 0) yield { packet, index };
  }
}

function* readAgain({ libav, bytes, track }: Source): Generator<Packet, void> {
  const input = MemoryInput.open(libav, bytes);
  if (input === null) return;
  try {
    input.format.findStreamInfoSync(null);
    yield* trackPackets(libav, input, track);
  } finally {
    input.close();
  }
}
