import { memberIdentity, type PartPlan, type RemarkBook, type StreamedMember } from "@shardmill/core";
import { annotationIndexOfPlan } from "../annotations/annotation-index.ts";
import type { BuildContext } from "../context/build-context.ts";
import { judgeMembers, leftOutLine, type Matches } from "../plan/judge-members.ts";
import { streamArchive } from "./stream-archive.ts";
import type { StreamItem } from "./stream-item.ts";

/**
 * The members of a stream-only part, each judged as it comes: work to do, or a line for the ledger. A position that is
 * not wanted is passed over without its bytes, but its name still counts against duplicates.
 */
export async function* judgedItems(
  context: BuildContext,
  plan: PartPlan,
  options: {
    readonly want: (position: number) => boolean;
    readonly onBytes: (bytes: number) => void;
    /** Filled when the archive has been seen to its end. */
    readonly remarks?: RemarkBook | undefined;
  },
  signal: AbortSignal,
): AsyncGenerator<StreamItem> {
  const index = await annotationIndexOfPlan(context, plan, signal);
  const seen = new Set<string>();
  const want = (position: number, name: string): boolean => {
    if (options.want(position)) return true;
    seen.add(memberIdentity(context.dataset, name));
    return false;
  };
  const { onBytes, remarks } = options;
  for await (const streamed of streamArchive(context, plan, { onBytes, want, remarks }, signal)) {
    if (!want(streamed.position, streamed.name)) continue;
    if (streamed.kind === "rejected") {
      // Its name counts, as it does when a later run passes it over.
      seen.add(memberIdentity(context.dataset, streamed.name));
      const line = leftOutLine(streamed, streamed.rejection);
      yield { kind: "settled", line, by: "archive", isFolder: false };
      continue;
    }
    const found: Matches =
      index === null ? recordsWith(streamed) : await lookup(index, plan.subset, streamed.name, signal);
    const isFolder = streamed.content.kind === "images";
    const judged = judgeMembers(
      { dataset: context.dataset, recipe: context.build.recipe },
      [{ position: streamed.position, name: streamed.name, at: isFolder ? { isFolder } : {}, isFolder }],
      [found],
      seen,
    );
    const { annotationsUsed } = judged;
    for (const line of judged.leftOut)
      yield { kind: "settled", line, by: "judge", isFolder, annotationsUsed };
    for (const planned of judged.planned) yield { kind: "work", planned, streamed };
  }
}

/** The record that came with a member, in its archive. */
function recordsWith({ content }: Extract<StreamedMember, { kind: "member" }>): Matches {
  return content.kind === "file" && content.record !== undefined ? [content.record] : [];
}

async function lookup(
  index: {
    lookup(queries: { subset: string | null; name: string }[], signal: AbortSignal): Promise<Matches[]>;
  },
  subset: string | null,
  name: string,
  signal: AbortSignal,
): Promise<Matches> {
  const [found] = await index.lookup([{ subset, name }], signal);
  return found ?? [];
}
