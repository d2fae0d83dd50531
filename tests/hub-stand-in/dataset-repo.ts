import { createHmac } from "node:crypto";
import type { Faults } from "./faults.ts";
import type { HostedFile } from "./hosted-file.ts";
import type { Pace } from "./send-body.ts";
import type { Written } from "./written.ts";

/** Accepted by a gated stand-in. */
export const grantedToken = "hf_granted";
/** A valid token whose account has not accepted the terms. */
export const ungrantedToken = "hf_ungranted";

/** All state of the stand-in: both servers look at it, the test changes it. */
export interface DatasetRepo {
  readonly name: string;
  readonly type: "dataset" | "model";
  commit: string;
  /** Of the newest commit. */
  files: Map<string, HostedFile>;
  /** Of the commits before it, which never change. */
  readonly history: Map<string, ReadonlyMap<string, HostedFile>>;
  /** Besides main: the commit of each, whose files lie in the history. */
  readonly branches: Map<string, string>;
  readonly written: Written;
  /** Text files below it are git's own. */
  readonly regularBelowBytes: number;
  /** A commit on top of a branch. */
  moveBranch(branch: string, files: Map<string, HostedFile>): string;
  readonly faults: Faults;
  readonly pace: Pace;
  readonly pageLimit: number;
  readonly addressLifetimeMs: number;
  isGated: boolean;
  isPrivate: boolean;
  isGone: boolean;
  isCommitGone: boolean;
  hubOrigin: string;
  cdnOrigin: string;
  /** Raised to make every signed address invalid at once. */
  generation: number;
}

/** The files at a commit or branch; null where there is none. */
export function filesAt(repo: DatasetRepo, revision: string): ReadonlyMap<string, HostedFile> | null {
  if (["main", "HEAD", repo.commit].includes(revision)) return repo.files;
  return repo.history.get(repo.branches.get(revision) ?? revision) ?? null;
}

/** The signed address of a file on the CDN. The real one names the content; this one the path, so that a test can replace it. */
export function signedAddress(repo: DatasetRepo, revision: string, path: string): string {
  const expires = Date.now() + repo.addressLifetimeMs;
  const query = new URLSearchParams({
    Expires: String(expires),
    Policy: "stand-in",
    Signature: signature(repo, path, expires),
    ...(repo.history.has(revision) ? { Commit: revision } : {}),
  });
  return `${repo.cdnOrigin}/xet-bridge-us/${encodeSegments(path)}?${query}`;
}

export function isSignatureGood(repo: DatasetRepo, path: string, query: URLSearchParams): boolean {
  const expires = Number(query.get("Expires"));
  return expires > Date.now() && query.get("Signature") === signature(repo, path, expires);
}

function signature(repo: DatasetRepo, path: string, expires: number): string {
  return createHmac("sha256", "stand-in").update(`${path} ${expires} ${repo.generation}`).digest("hex");
}

export function encodeSegments(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

export function decodeSegments(path: string): string {
  return path.split("/").map(decodeURIComponent).join("/");
}
