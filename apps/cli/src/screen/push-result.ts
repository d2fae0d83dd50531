import type { PushPlan, PushResult, WantedFile } from "@shardmill/push";
import type { HubRepo } from "@shardmill/sources";
import { safeText } from "../text/clean-text.ts";
import { bytesText, durationText, plural } from "../text/format.ts";
import { sizeCell } from "./get-result.ts";

const shownPaths = 20;

/** A dry run: every file that would be sent, and what would go. */
export function planLines(repo: HubRepo, plan: PushPlan): string[] {
  const { send, there, remove, batches } = plan;
  return [
    ...made(repo, plan),
    ...send.map(({ path, sizeBytes }) => `  send    ${sizeCell(sizeBytes)}  ${safeText(path)}`),
    ...remove.map((path) => `  remove  ${" ".repeat(8)}  ${safeText(path)}`),
    `${plural(send.length, "file")} to send, ${bytesText(bytesOf(send))} in ${plural(batches.length, "commit")}; ${plural(there.length, "file")} there, ${plural(remove.length, "file")} to remove`,
    "nothing was sent: without --dry-run it is",
  ];
}

function made(repo: HubRepo, { found, target }: PushPlan): string[] {
  if (found.kind === "commit") return [];
  const branch =
    found.kind === "no_branch" || target.branch !== "main" ? [`  make    branch ${target.branch}`] : [];
  const hint = repo.hasToken ? "" : ", or cannot be seen without HF_TOKEN";
  return [
    ...(found.kind === "no_repository" ? [`  make    ${repo.name}, which is not there${hint}`] : []),
    ...branch,
  ];
}

export function endLines(
  repo: HubRepo,
  { send, there, remove, target }: PushPlan,
  { result, seconds }: { readonly result: PushResult; readonly seconds: number },
): string[] {
  const { commits, sentBytes, commit } = result;
  const at = commit === null ? "" : ` at ${commit.slice(0, 12)}`;
  const where = `where    ${repo.page} (branch ${target.branch}${at})`;
  if (commits === 0)
    return [`nothing to send: ${plural(there.length, "file")} are there as they are here`, where];
  const pace = sentBytes === 0 ? "" : `, ${bytesText(sentBytes / Math.max(0.001, seconds))}/s`;
  const told = [
    `${plural(send.length, "file")} pushed, ${bytesText(sentBytes)} of shards and indexes sent in ${durationText(seconds)}${pace}`,
    `${there.length} there before`,
    `${plural(commits, "commit")}`,
  ];
  return [told.join("; "), where, ...removedLines(remove)];
}

/** Git forgets nothing. */
function removedLines(remove: readonly string[]): string[] {
  if (remove.length === 0) return [];
  const more = remove.length > shownPaths ? [`  and ${remove.length - shownPaths} more`] : [];
  return [
    `removed  ${plural(remove.length, "file")} that the output has no more; earlier commits still hold them: squash the history (huggingface_hub: super_squash_history) or delete the repository to be rid of them`,
    ...remove.slice(0, shownPaths).map((path) => `  ${safeText(path)}`),
    ...more,
  ];
}

/** `result`: null where it was a dry run. */
export function pushJson(repo: HubRepo, plan: PushPlan, result: PushResult | null): unknown {
  const { send, there, remove, found, target, batches } = plan;
  const files = (some: readonly WantedFile[]) =>
    some.map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, sha256 }));
  return {
    repo: repo.name,
    page: repo.page,
    branch: target.branch,
    isDryRun: result === null,
    makes: { repository: found.kind === "no_repository", branch: found.kind === "no_branch" },
    commit: result === null ? plan.parent : result.commit,
    commits: result === null ? batches.length : result.commits,
    sentBytes: result === null ? 0 : result.sentBytes,
    send: files(send),
    there: there.length,
    removed: remove,
  };
}

export function bytesOf(files: readonly WantedFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
