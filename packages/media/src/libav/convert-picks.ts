import type { FrameSettings } from "@shardmill/core";
import { OrderCheck } from "../sampling/check-order.ts";
import type { PacketTable } from "../sampling/packet-table.ts";
import type { FramePicks } from "../sampling/pick-frames.ts";
import type { DecodePlan } from "../sampling/plan-decode.ts";
import type { ShownFrame } from "../sampling/shown-frames.ts";
import { decodePass, type Pass, type Source, wholeClip } from "./clip-decoder.ts";
import type { DecodedFrame } from "./frame-decoder.ts";
import { FrameScaler, type Square } from "./frame-scaler.ts";

/** Pixels of the picks that decoding gave. */
export interface Converted extends Pass {
  readonly squares: readonly Square[];
  readonly timesS: readonly number[];
  /** Of each, the stretch that it is of; 0 in a whole clip. */
  readonly spanOf: readonly number[];
  /** Stretches that have a pick whose own decoding met an error. */
  readonly damaged: ReadonlySet<number>;
  /** Every pick came, nothing was damaged, and what came was in the order and number that the plan foresaw. */
  readonly isAsForeseen: boolean;
}

export interface Foreseen {
  readonly plan: DecodePlan;
  readonly shown: readonly ShownFrame[];
  readonly table: PacketTable;
}

/**
 * Decodes and converts the picks. With a plan, a pick's index is a packet's, found again by its time; "whole"
 * decodes everything, and a pick's index is the frame's place in that order. Null where no decoder opens.
 */
export async function convertPicks(
  source: Source,
  { by, picks }: { readonly by: Foreseen | "whole"; readonly picks: FramePicks },
  settings: FrameSettings,
  signal: AbortSignal,
): Promise<Converted | null> {
  const collector = new Collector(source, by, picks, settings);
  try {
    const plan = by === "whole" ? wholeClip : by.plan;
    const pass = await decodePass(source, plan, (frame, order) => collector.see(frame, order), signal);
    return pass === null ? null : collector.result(pass);
  } finally {
    collector.close();
  }
}

class Collector {
  readonly #picks: FramePicks["picks"];
  readonly #startTicks: number | null;
  readonly #waiting: Set<number | null>;
  readonly #found = new Map<number, { readonly square: Square; readonly isDamaged: boolean }>();
  readonly #scaler: FrameScaler;
  readonly #check: OrderCheck | null;
  #isInOrder = true;

  constructor(source: Source, by: Foreseen | "whole", { picks }: FramePicks, settings: FrameSettings) {
    this.#picks = picks;
    this.#startTicks = by === "whole" ? null : by.table.startTicks;
    this.#check = by === "whole" ? null : new OrderCheck(by.plan, by.shown, by.table);
    this.#waiting = new Set(picks.map(({ frame }) => this.#keyOf(frame)));
    this.#scaler = new FrameScaler(source.libav, settings);
  }

  see(frame: DecodedFrame, order: number): "more" | "enough" {
    if (this.#check?.see(frame.pts) === false) {
      this.#isInOrder = false;
      return "enough";
    }
    const key = this.#startTicks === null ? order : frame.pts;
    if (key !== null && this.#waiting.delete(key)) {
      const square = this.#scaler.toSquare(frame.frame);
      if (square !== null) this.#found.set(key, { square, isDamaged: frame.isDamaged });
    }
    return this.#waiting.size === 0 ? "enough" : "more";
  }

  result(pass: Pass): Converted {
    const found = this.#picks.flatMap(({ frame, timeS, span = 0 }) => {
      const one = this.#found.get(this.#keyOf(frame));
      return one === undefined ? [] : [{ ...one, timeS, span }];
    });
    return {
      ...pass,
      squares: found.map(({ square }) => square),
      timesS: found.map(({ timeS }) => timeS),
      spanOf: found.map(({ span }) => span),
      damaged: new Set(found.filter(({ isDamaged }) => isDamaged).map(({ span }) => span)),
      isAsForeseen: this.#isInOrder && found.length === this.#picks.length && pass.decodeErrors === 0,
    };
  }

  close(): void {
    this.#scaler.close();
  }

  #keyOf(frame: ShownFrame): number {
    return this.#startTicks === null ? frame.index : frame.ticks + this.#startTicks;
  }
}
