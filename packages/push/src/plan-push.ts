import type { FileIdentity } from "@shardmill/core";
import type { HubBranch, HubRepo } from "@shardmill/sources";
import { type Batch, commitBatches } from "./commit-batches.ts";
import { compareTree, type Difference, type OwnNames } from "./compare-tree.ts";
import type { WantedFile } from "./wanted-file.ts";

export interface PushTarget extends OwnNames {
  readonly branch: string;
}

/** What a push would do, known before anything is sent. */
export interface PushPlan extends Difference {
  readonly target: PushTarget;
  readonly wanted: readonly WantedFile[];
  readonly found: HubBranch;
  /** The commit that it was compared with; null where there is no repository yet. */
  readonly parent: string | null;
  readonly batches: readonly Batch[];
}

/** A branch that is to be made begins where the main one is. */
const mainBranch = "main";

/** Looks at the repository; asks for nothing but its listing. */
export async function planPush(
  repo: HubRepo,
  wanted: readonly WantedFile[],
  target: PushTarget,
  signal: AbortSignal,
): Promise<PushPlan> {
  const found = await repo.branch(target.branch, signal);
  const base = found.kind === "no_branch" ? await repo.branch(mainBranch, signal) : found;
  const parent = base.kind === "commit" ? base.commit : null;
  const tree: FileIdentity[] = [];
  if (parent !== null) for await (const file of repo.list(parent, signal)) tree.push(file);
  const difference = compareTree(wanted, tree, target);
  return { ...difference, target, wanted, found, parent, batches: commitBatches(difference) };
}
