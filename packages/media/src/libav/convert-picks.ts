import type { FrameSettings } from "@shardmill/core";
import type { PacketTable } from "../sampling/packet-table.ts";
import type { FramePicks } from "../sampling/pick-frames.ts";
import type { DecodePlan } from "../sampling/plan-decode.ts";
import { decodePass, type Source } from "./clip-decoder.ts";
import type { DecodedFrame } from "./frame-decoder.ts";
import { FrameScaler } from "./frame-scaler.ts";

/** Pixels of the picks that decoding gave. */
export interface Converted {
  readonly frames: readonly Uint8Array[];
  readonly timesS: readonly number[];
  readonly decoded: number;
  readonly decodeErrors: number;
  /** Every pick came, and nothing was damaged. */
  readonly isAsForeseen: boolean;
}

/**
 * Decodes and converts the picks. With a plan, a pick's index is a packet's, found again by its time; "whole"
 * decodes everything, and a pick's index is the frame's place in that order. Null where no decoder opens.
 */
export async function convertPicks(
  source: Source,
  plan: DecodePlan | "whole",
  picks: FramePicks,
  table: PacketTable,
  settings: FrameSettings,
  signal: AbortSignal,
): Promise<Converted | null> {
  const isWhole = plan === "whole";
  const keyOf = (frame: DecodedFrame, order: number) => (isWhole ? order : frame.pts);
  const waiting = new Set<number | null>(
    picks.picks.map(({ frame }) => (isWhole ? frame.index : frame.ticks + table.startTicks)),
  );
  const pixels = new Map<number, Uint8Array>();
  const scaler = new FrameScaler(source.libav, settings);
  try {
    const see = (frame: DecodedFrame, order: number) => {
      const key = keyOf(frame, order);
      if (key !== null && waiting.delete(key)) {
        const square = scaler.toSquare(frame.frame);
        if (square !== null) pixels.set(key, square);
      }
      return waiting.size === 0 ? "enough" : "more";
    };
    const everything: DecodePlan = { kind: "all", why: "the whole clip is decoded" };
    const pass = await decodePass(source, isWhole ? everything : plan, see, signal);
    if (pass === null) return null;
    const found = picks.picks.flatMap(({ frame, timeS }) => {
      const square = pixels.get(isWhole ? frame.index : frame.ticks + table.startTicks);
      return square === undefined ? [] : [{ square, timeS }];
    });
    return {
      frames: found.map((one) => one.square),
      timesS: found.map((one) => one.timeS),
      ...pass,
      isAsForeseen: found.length === picks.picks.length && pass.decodeErrors === 0,
    };
  } finally {
    scaler.close();
  }
}
