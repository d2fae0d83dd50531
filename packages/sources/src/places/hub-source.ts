import { listFiles } from "@huggingface/hub";
import { type ByteSource, Failure, type FileIdentity, type Source } from "@shardmill/core";
import { fetchPage } from "../wire/fetch-page.ts";
import type { Subject } from "../wire/judge-answer.ts";
import { encodePath, type Net, net, parseAddress } from "../wire/net.ts";
import { RemoteFile } from "../wire/remote-file.ts";
import type { SourceDeps } from "../wire/source-deps.ts";
import { checkedToken } from "./checked-token.ts";
import type { SourceSpec } from "./source-spec.ts";

type HubSpec = Extract<SourceSpec, { kind: "hub" }>;

/** A repository on the Hugging Face Hub at one commit. The commit is asked for once; a given one is not asked for. */
export async function openHubSource(spec: HubSpec, deps: SourceDeps, signal: AbortSignal): Promise<Source> {
  const hub = hubOf(spec, deps);
  const commit = isCommit(spec.revision) ? spec.revision : await resolveRevision(hub, spec.revision, signal);
  const files = new Map<string, RemoteFile>();
  return {
    name: hub.net.source,
    revision: commit,
    list: (listSignal) => listTree(hub, commit, listSignal),
    open: (file) => openFile(hub, commit, files, file),
  };
}

export interface Hub {
  readonly net: Net;
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly repo: string;
  readonly type: "dataset" | "model";
}

/** Who is asked, and with which token. */
export function hubOf(spec: Omit<HubSpec, "kind" | "revision">, deps: SourceDeps): Hub {
  const name = `hub:${spec.repo}`;
  const endpoint = parseAddress(spec.endpoint.replace(/\/+$/, ""), name);
  const token = checkedToken(spec.token);
  const credential = token === null ? null : { origin: endpoint.origin, token };
  return {
    net: net(name, deps, credential),
    endpoint: endpoint.href.replace(/\/$/, ""),
    repo: spec.repo,
    type: spec.type ?? ("dataset" as const),
  };
}

/** Pages and files of a model lie at the root of the Hub's addresses, all else below a word of their own. */
function repoPath({ repo, type, net: { source } }: Hub): string {
  const path = encodePath(repo, source);
  return type === "dataset" ? `datasets/${path}` : path;
}

export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

export function subjectOf(hub: Hub, revision: string, path: string | null): Subject {
  return { path, revision, page: `${hub.endpoint}/${hub.type === "dataset" ? "datasets/" : ""}${hub.repo}` };
}

async function resolveRevision(hub: Hub, revision: string, signal: AbortSignal): Promise<string> {
  const url = new URL(
    `${hub.endpoint}/api/${hub.type}s/${encodePath(hub.repo, hub.net.source)}/revision/${encodeURIComponent(revision)}?expand=sha`,
  );
  const page = await fetchPage(hub.net, url, subjectOf(hub, revision, null), signal);
  const info: unknown = await page.json();
  const sha = typeof info === "object" && info !== null && "sha" in info ? info.sha : null;
  if (typeof sha === "string" && isCommit(sha)) return sha;
  throw new Failure("source_invalid", `${hub.net.source}: expected the commit of ${revision}, found none`);
}

export async function* listTree(hub: Hub, commit: string, signal: AbortSignal): AsyncGenerator<FileIdentity> {
  const subject = subjectOf(hub, commit, null);
  const pages = listFiles({
    repo: { type: hub.type, name: hub.repo },
    hubUrl: hub.endpoint,
    revision: commit,
    recursive: true,
    expand: false,
    // The one seam of the client: retries, the pace, the token and cancelling come in here.
    fetch: (input) => fetchPage(hub.net, new URL(addressOf(input)), subject, signal),
  });
  for await (const entry of pages) {
    const file = identityOf(entry);
    if (file === "malformed") throw new Failure("source_invalid", `${hub.net.source}: a malformed listing`);
    if (file !== null) yield file;
  }
}

export function addressOf(input: string | URL | Request): string {
  return typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
}

/** Null for what is no file. The client hands the Hub's JSON on unchecked. */
function identityOf(entry: unknown): FileIdentity | "malformed" | null {
  if (typeof entry !== "object" || entry === null || !("type" in entry)) return "malformed";
  if (entry.type !== "file") return null;
  const path = "path" in entry ? entry.path : null;
  const size = "size" in entry ? entry.size : null;
  const oid = "oid" in entry && typeof entry.oid === "string" ? entry.oid : null;
  if (typeof path !== "string" || typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    return "malformed";
  }
  const lfs = "lfs" in entry && typeof entry.lfs === "object" ? entry.lfs : null;
  const lfsOid = lfs !== null && "oid" in lfs && typeof lfs.oid === "string" ? lfs.oid : null;
  const sha256 = lfsOid !== null && /^[0-9a-f]{64}$/.test(lfsOid) ? lfsOid : null;
  return { path, sizeBytes: size, sha256, oid };
}

/** One reader per file and source: its signed address and its ETag serve every later open. */
function openFile(hub: Hub, commit: string, files: Map<string, RemoteFile>, file: FileIdentity): ByteSource {
  const key = `${file.path} ${file.sizeBytes} ${file.sha256 ?? file.oid ?? ""}`;
  const known = files.get(key);
  if (known !== undefined) return known;
  const path = encodePath(file.path, hub.net.source);
  const url = new URL(`${hub.endpoint}/${repoPath(hub)}/resolve/${commit}/${path}`);
  const opened = new RemoteFile(hub.net, {
    identity: file,
    lasting: url,
    subject: subjectOf(hub, commit, file.path),
    listedEtag: null,
  });
  files.set(key, opened);
  return opened;
}
