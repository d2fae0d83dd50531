import { Failure } from "@shardmill/core";
import type { HubRepo } from "@shardmill/sources";
import { type BranchAt, commitBatch } from "./commit-batch.ts";
import { type PushPlan, planPush } from "./plan-push.ts";
import { sendBatch } from "./send-batch.ts";
import type { FileEnd } from "./sending.ts";
import type { WantedFile } from "./wanted-file.ts";

/** Told while it runs. */
export interface PushEvents {
  readonly onBytes: (file: WantedFile, doneBytes: number) => void;
  readonly onFile: (file: WantedFile, end: FileEnd) => void;
  readonly onCommit: (number: number, files: number) => void;
}

export interface PushResult {
  /** The newest commit of the branch; null where there was nothing to do in no repository. */
  readonly commit: string | null;
  readonly commits: number;
  readonly sentBytes: number;
}

/**
 * Does what the plan says. Nothing of it is remembered here: a push that was cut is planned anew, and then lacks what is lacking.
 * The Hub keeps what was sent and not committed, and says so when it is offered again.
 */
export async function push(
  repo: HubRepo,
  planned: PushPlan,
  { isPrivate, ...events }: PushEvents & { readonly isPrivate: boolean },
  signal: AbortSignal,
): Promise<PushResult> {
  const plan = await withBranch(repo, planned, isPrivate, signal);
  let at: BranchAt = { repo, branch: plan.target.branch, commit: plan.parent ?? "" };
  let sentBytes = 0;
  for (const [number, batch] of plan.batches.entries()) {
    const ready = await sendBatch({ repo, branch: at.branch, ...events }, batch.files, signal);
    sentBytes += ready.sentBytes;
    at = { ...at, commit: await commitBatch(at, { ...ready, remove: batch.remove }, signal) };
    events.onCommit(number + 1, batch.files.length + batch.remove.length);
  }
  return { commit: plan.parent === null ? null : at.commit, commits: plan.batches.length, sentBytes };
}

/** The repository and the branch are made where they are not; what is then there is looked at again. */
async function withBranch(
  repo: HubRepo,
  plan: PushPlan,
  isPrivate: boolean,
  signal: AbortSignal,
): Promise<PushPlan> {
  const { found, target, wanted } = plan;
  if (found.kind === "commit") return plan;
  if (found.kind === "no_repository") await repo.create(isPrivate, signal);
  let now = await planPush(repo, wanted, target, signal);
  if (now.found.kind === "no_branch") {
    await repo.createBranch(target.branch, signal);
    now = await planPush(repo, wanted, target, signal);
  }
  if (now.found.kind === "commit") return now;
  throw new Failure("source_not_found", `${repo.name} has no branch ${target.branch}, though it was made`);
}
