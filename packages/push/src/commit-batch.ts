import { Failure, type FileIdentity } from "@shardmill/core";
import type { HubRepo, Reply } from "@shardmill/sources";
import { z } from "zod";
import { isSame } from "./compare-tree.ts";
import type { ReadyFiles } from "./send-batch.ts";
import { bytesOf } from "./wanted-file.ts";

/** A branch, and the commit that it is at as far as we know. */
export interface BranchAt {
  readonly repo: HubRepo;
  readonly branch: string;
  readonly commit: string;
}

interface Committed extends ReadyFiles {
  readonly remove: readonly string[];
}

const commitSchema = z.object({ commitOid: z.string() });

/**
 * One commit on top of the one that is known: the Hub refuses it (412) where the branch has moved. Where the answer is lost, or a
 * commit that was thought lost arrives late, the branch has moved by ourselves; what lies there tells.
 */
export async function commitBatch(at: BranchAt, files: Committed, signal: AbortSignal): Promise<string> {
  const { repo, branch } = at;
  const reply = await repo.send(
    {
      to: `/api/datasets/${repo.name}/commit/${encodeURIComponent(branch)}`,
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: await commitText(at.commit, files, signal),
      accepts: [412],
      beforeRepeat: () => committedAlready(at, files, signal),
    },
    signal,
  );
  const told = commitSchema.safeParse(reply.value);
  if (reply.status < 300 && told.success) return told.data.commitOid;
  const already = commitSchema.safeParse((await committedAlready(at, files, signal))?.value);
  if (already.success) return already.data.commitOid;
  throw overtaken(at);
}

/** Null: the branch is where it was. */
async function committedAlready(at: BranchAt, files: Committed, signal: AbortSignal): Promise<Reply | null> {
  const { repo, branch, commit } = at;
  const now = await repo.branch(branch, signal);
  if (now.kind === "commit" && now.commit === commit) return null;
  if (now.kind !== "commit" || !(await holds(repo, now.commit, files, signal))) throw overtaken(at);
  return { status: 200, headers: new Headers(), value: { commitOid: now.commit } };
}

async function holds(
  repo: HubRepo,
  commit: string,
  { objects, inline, remove }: Committed,
  signal: AbortSignal,
): Promise<boolean> {
  const tree = new Map<string, FileIdentity>();
  for await (const file of repo.list(commit, signal)) tree.set(file.path, file);
  const files = [...objects, ...inline];
  return files.every((file) => isSame(file, tree.get(file.path))) && remove.every((path) => !tree.has(path));
}

function overtaken({ repo, branch }: BranchAt): Failure {
  return new Failure("push_overtaken", `the branch ${branch} of ${repo.name} has moved meanwhile`);
}

/** Newline-delimited JSON: a header, then a line a file. */
async function commitText(
  parentCommit: string,
  { objects, inline, remove }: Committed,
  signal: AbortSignal,
): Promise<string> {
  const changed = objects.length + inline.length;
  const done = [
    ...(changed === 0 ? [] : [`Add ${changed} ${changed === 1 ? "file" : "files"}`]),
    ...(remove.length === 0 ? [] : [`remove ${remove.length} that are no longer in the output`]),
  ];
  const summary = `${done.join(", ")} (Shardmill)`;
  const lines: unknown[] = [
    {
      key: "header",
      value: { summary: `${summary[0]?.toUpperCase() ?? ""}${summary.slice(1)}`, parentCommit },
    },
  ];
  for (const { path, sha256, sizeBytes } of objects)
    lines.push({ key: "lfsFile", value: { path, algo: "sha256", oid: sha256, size: sizeBytes } });
  for (const file of inline)
    lines.push({
      key: "file",
      value: {
        path: file.path,
        encoding: "base64",
        content: (await bytesOf(file, file.sizeBytes, signal)).toString("base64"),
      },
    });
  for (const path of remove) lines.push({ key: "deletedFile", value: { path } });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}
