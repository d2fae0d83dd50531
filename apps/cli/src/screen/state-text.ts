import type { PartState } from "@shardmill/core";
import type { Console } from "../context/console.ts";

type Style = Parameters<Console["paint"]>[0];

/** A sign and a colour per state: the sign alone is enough for those who see no colours. */
export const stateSigns: Readonly<Record<PartState, { readonly sign: string; readonly style: Style }>> = {
  absent: { sign: "-", style: "dim" },
  missing: { sign: ".", style: "dim" },
  queued: { sign: "o", style: "blue" },
  running: { sign: ">", style: "cyan" },
  partial: { sign: "~", style: "yellow" },
  done: { sign: "#", style: "green" },
  failed: { sign: "!", style: "red" },
  stale: { sign: "s", style: "magenta" },
};

export function stateText(console: Console, state: PartState): string {
  return console.paint(stateSigns[state].style, state);
}
