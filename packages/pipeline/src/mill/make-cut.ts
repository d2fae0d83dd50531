import { type ClipSpan, reject } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { SharedWork } from "../context/shared-work.ts";
import { type FoundMember, makeSpans, type PicturesResult, type PictureTools } from "./make-pictures.ts";

type Made = readonly PicturesResult[];

/** By the list of a file's stretches, which its members share: what is made of them goes with the last of these. */
const underWay = new WeakMap<readonly ClipSpan[], SharedWork<Made>>();

/**
 * What a member shows that is a stretch of a longer file. Whoever comes first has the file decoded for all of its shard's stretches.
 * A stretch of which something is to be told is decoded alone: its bytes must not depend on the others.
 */
export async function makeCut(
  context: BuildContext,
  member: FoundMember,
  cut: ClipSpan,
  tools: PictureTools,
): Promise<PicturesResult> {
  const { content } = member;
  const cuts = content.kind === "file" ? (content.cuts ?? []) : [];
  if (cuts.length > 1) {
    const known = underWay.get(cuts);
    const work =
      known === undefined || known.isLost
        ? new SharedWork((signal) => makeAll(context, member, cuts, { ...tools, signal }))
        : known;
    underWay.set(cuts, work);
    const shared = (await work.join(tools.signal))[cuts.findIndex((one) => isSame(one, cut))];
    if (shared !== undefined && isSpotless(shared)) return shared;
  }
  const [made] = await makeAll(context, member, [cut], tools);
  if (made !== undefined) return made;
  return { kind: "rejected", rejection: reject("zero_frames", "nothing is shown there"), attempts: 1 };
}

function makeAll(
  context: BuildContext,
  member: FoundMember,
  cuts: readonly ClipSpan[],
  tools: PictureTools,
): Promise<Made> {
  const stretches = cuts.map((cut) => ({ told: cut, inFile: cut }));
  return makeSpans(context, member, stretches, tools);
}

function isSame(a: ClipSpan, b: ClipSpan): boolean {
  return a.startS === b.startS && a.endS === b.endS;
}

function isSpotless(made: PicturesResult): boolean {
  if (made.kind === "rejected" || made.pictures.attempts > 1) return false;
  const { media, remarks = [] } = made.pictures;
  return remarks.length === 0 && (media.kind !== "clip" || media.complete);
}
