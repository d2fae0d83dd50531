import type { PacketTable } from "./packet-table.ts";
import type { DecodePlan } from "./plan-decode.ts";
import type { ShownFrame } from "./shown-frames.ts";

/**
 * Holds what comes out of a decoder against what the plan foresaw: the fed pictures that are shown, each run of them in
 * order of time. Asked for every frame, in the decoder's order.
 */
export class OrderCheck {
  readonly #expected: readonly number[];
  #met = 0;
  #isKept = true;

  /** `shown`: the clip's frames by the packet table; `startTicks` is the clip's time 0. */
  constructor(
    plan: DecodePlan,
    shown: readonly ShownFrame[],
    { startTicks }: Pick<PacketTable, "startTicks">,
  ) {
    this.#expected = foreseenOrder(plan, shown).map((ticks) => ticks + startTicks);
  }

  /** False from the first frame on that is another than the foreseen one, or has no time. */
  see(pts: number | null): boolean {
    if (pts !== this.#expected[this.#met]) this.#isKept = false;
    this.#met += 1;
    return this.#isKept;
  }
}

function foreseenOrder(plan: DecodePlan, shown: readonly ShownFrame[]): number[] {
  if (plan.kind === "all") return shown.map(({ ticks }) => ticks);
  const ticksOf = new Map(shown.map(({ index, ticks }) => [index, ticks]));
  return plan.runs.flatMap((run) => run.flatMap((index) => ticksOf.get(index) ?? []).sort((a, b) => a - b));
}
