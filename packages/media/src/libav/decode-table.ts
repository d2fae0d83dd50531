import type { DecodeSettings } from "../raw-clip.ts";
import { type ClipExtent, packetExtent, wholeExtent } from "../sampling/clip-extent.ts";
import type { PacketTable } from "../sampling/packet-table.ts";
import { type ClipPicks, pickSpans, withPromise } from "../sampling/pick-spans.ts";
import { planDecode } from "../sampling/plan-decode.ts";
import { shownFrames } from "../sampling/shown-frames.ts";
import type { Source } from "./clip-decoder.ts";
import { type Converted, convertPicks } from "./convert-picks.ts";
import { listFrames } from "./list-frames.ts";

export interface Decoded {
  readonly picks: ClipPicks;
  readonly converted: Converted;
  readonly extent: ClipExtent;
  /** The packets had promised frames, and others came. */
  readonly isRefuted: boolean;
}

/**
 * Decodes what the packet table says is needed for the picks. Null where it does not say, or where what came out was not
 * what it had promised.
 */
export async function decodePlanned(
  source: Source,
  table: PacketTable,
  settings: DecodeSettings,
  signal: AbortSignal,
): Promise<Decoded | null> {
  const shown = shownFrames(table);
  if (shown === null) return null;
  const picks = pickSpans(shown, table, settings);
  const plan = planDecode(table, new Set(picks.picks.map((pick) => pick.frame.index)));
  const converted = await convertPicks(source, { by: { plan, shown, table }, picks }, settings, signal);
  if (converted === null || !converted.isAsForeseen) return null;
  return { picks, converted, extent: packetExtent(table), isRefuted: false };
}

/** Decodes the whole clip and picks from what it shows, as ffmpeg's command does. Null where no decoder opens. */
export async function decodeWhole(
  source: Source,
  table: PacketTable,
  settings: DecodeSettings,
  signal: AbortSignal,
): Promise<Decoded | null> {
  const listed = await listFrames(source, table, signal);
  if (listed === null) return null;
  const picks = pickSpans(listed, table, settings);
  const promised = shownFrames(table);
  const foreseen = promised === null ? null : pickSpans(promised, table, settings);
  const converted = await convertPicks(source, { by: "whole", picks }, settings, signal);
  if (converted === null) return null;
  return {
    picks: withPromise(picks, foreseen),
    converted,
    extent: wholeExtent(table, listed),
    isRefuted: promised !== null,
  };
}
