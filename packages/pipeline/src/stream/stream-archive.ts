import { groupBeside, groupFrameFolders, streamTarMembers } from "@shardmill/archives";
import {
  type MediaKind,
  mediaFileOf,
  type PartPlan,
  type RemarkBook,
  type StreamedMember,
} from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { openPart } from "../context/part-source.ts";
import { runOptions } from "./run-picks.ts";

/** Every member of a stream-only archive, in order; a run of pictures in one folder is one member. */
export function streamArchive(
  context: BuildContext,
  plan: PartPlan,
  options: {
    readonly onBytes: (bytes: number) => void;
    readonly want: (position: number, name: string) => boolean;
    readonly remarks?: RemarkBook | undefined;
  },
  signal: AbortSignal,
): AsyncIterable<StreamedMember> {
  const { recipe } = context.build;
  const { dataset } = context;
  const beside = dataset.annotations.kind === "beside" ? mediaFileOf(dataset.media) : null;
  const grouped = beside !== null || (mayHoldRuns(dataset.media) && recipe.media !== "video");
  const source = openPart(context, plan.pieces);
  const members = streamTarMembers(
    source,
    {
      maxBytes: recipe.limits.maxBytes,
      onBytes: options.onBytes,
      remarks: options.remarks,
      // A sample of several files, or a run of pictures, is seen as a whole, so it cannot be passed over entry by entry.
      ...(grouped ? {} : { want: options.want }),
    },
    signal,
  );
  if (beside !== null) return groupBeside(members, beside, signal);
  return grouped ? groupFrameFolders(members, runOptions(context), signal) : members;
}

/** Whether pictures in one folder are one clip, or each a sample of its own. */
function mayHoldRuns(media: MediaKind): boolean {
  switch (media) {
    case "video":
      return true;
    case "images":
    case "pair":
    case "none":
      return false;
    default:
      return media satisfies never;
  }
}
