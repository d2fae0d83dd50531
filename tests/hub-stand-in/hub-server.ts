import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type DatasetRepo,
  decodeSegments,
  encodeSegments,
  filesAt,
  grantedToken,
  signedAddress,
  ungrantedToken,
} from "./dataset-repo.ts";
import type { HostedFile } from "./hosted-file.ts";
import type { LoggedRequest } from "./request-log.ts";
import { refuse, serveBytes } from "./serve-bytes.ts";
import { fileEntry, treePage } from "./tree-page.ts";
import { serveWrites } from "./write-server.ts";

/** What each of the hub's handlers works with. */
interface Visit {
  readonly repo: DatasetRepo;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly logged: LoggedRequest;
  readonly url: URL;
}

/** huggingface.co, as far as a reader of datasets sees it. */
export async function serveHub(
  repo: DatasetRepo,
  request: IncomingMessage,
  response: ServerResponse,
  logged: LoggedRequest,
): Promise<void> {
  response.setHeader("ratelimit", '"resolvers";r=2999;t=172');
  response.setHeader("ratelimit-policy", '"fixed window";"resolvers";q=3000;w=300');
  response.setHeader("x-request-id", "stand-in");
  const visit = { repo, request, response, logged, url: new URL(request.url ?? "/", repo.hubOrigin) };
  const path = visit.url.pathname;
  const isFor = (prefix: string) =>
    path === `${prefix}/${repo.name}` || path.startsWith(`${prefix}/${repo.name}/`);
  const rest = (prefix: string) => path.slice(prefix.length + repo.name.length + 2);
  if (await serveWrites(visit)) return;
  if (repo.isGone) return repoNotFound(visit);
  const [api, web, cache] = [`/api/${repo.type}s`, webPath(repo), `/api/resolve-cache/${repo.type}s`];
  if (isFor(api)) return serveApi(visit, rest(api));
  if (isFor(cache)) return serveSmall(visit, rest(cache));
  if (isFor(web)) return serveResolve(visit, rest(web));
  return repoNotFound(visit);
}

/** A model's files lie at the root. */
function webPath({ type }: DatasetRepo): string {
  return type === "dataset" ? "/datasets" : "";
}

function error({ response }: Visit, status: number, code: string, message: string): void {
  response.writeHead(status, {
    "x-error-code": code,
    "x-error-message": message,
    "content-type": "application/json",
  });
  response.end(JSON.stringify({ error: message }));
}

/** Who shows no valid token is not told whether a repository exists. */
function repoNotFound(visit: Visit): void {
  if (tokenOf(visit) === "valid") error(visit, 404, "RepoNotFound", "Repository not found");
  else error(visit, 401, "RepoNotFound", "Invalid username or password.");
}

function tokenOf({ request }: Visit): "none" | "invalid" | "valid" {
  const text = request.headers.authorization;
  if (text === undefined) return "none";
  return text === `Bearer ${grantedToken}` || text === `Bearer ${ungrantedToken}` ? "valid" : "invalid";
}

function isRevision(repo: DatasetRepo, text: string | undefined): boolean {
  const revision = decodeURIComponent(text ?? "");
  return !repo.isCommitGone && filesAt(repo, revision) !== null;
}

async function serveApi(visit: Visit, rest: string): Promise<void> {
  const { repo, response, logged, url } = visit;
  const fault = repo.faults.draw("api", null, 1);
  logged.fault = fault?.kind ?? null;
  if (fault !== null && refuse(response, fault)) return;
  if (fault?.kind === "cut") {
    response.writeHead(200, { "content-type": "application/json" }).write("[");
    setImmediate(() => response.destroy());
    return;
  }
  const [verb, revision, ...path] = rest.split("/");
  if (verb !== "" && !isRevision(repo, revision))
    return error(visit, 404, "RevisionNotFound", "Invalid rev id");
  if (verb === "tree") {
    const page = treePage(repo, decodeURIComponent(revision ?? ""), decodeSegments(path.join("/")), url);
    return json(visit, page.entries, page.next);
  }
  if (verb === "paths-info") return json(visit, await pathsInfo(visit), null);
  if (verb === "revision" || verb === "")
    return json(visit, info(repo, decodeURIComponent(revision ?? "main")), null);
  error(visit, 404, "EntryNotFound", "no such address");
}

function json({ response, logged }: Visit, value: unknown, next: string | null): void {
  const body = JSON.stringify(value);
  logged.bytesSent = Buffer.byteLength(body);
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": logged.bytesSent,
    ...(next === null ? {} : { link: `<${next}>; rel="next"` }),
  });
  response.end(body);
}

async function pathsInfo({ repo, request }: Visit): Promise<unknown[]> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const body: unknown = JSON.parse(text);
  const paths = typeof body === "object" && body !== null && "paths" in body ? body.paths : [];
  const asked = Array.isArray(paths) ? paths : [];
  return asked.flatMap((path) => {
    const file = typeof path === "string" ? repo.files.get(path) : undefined;
    return file === undefined ? [] : [fileEntry(file)];
  });
}

function info(repo: DatasetRepo, revision: string): Record<string, unknown> {
  return {
    _id: "000000000000000000000001",
    id: repo.name,
    private: repo.isPrivate,
    downloads: 0,
    gated: repo.isGated ? "auto" : false,
    likes: 0,
    lastModified: "2026-01-01T00:00:00.000Z",
    sha: repo.branches.get(revision) ?? (repo.history.has(revision) ? revision : repo.commit),
  };
}

/** `resolve/{rev}/{path}`: to the CDN for large files, to the hub's own cache for small ones. */
async function serveResolve(visit: Visit, rest: string): Promise<void> {
  const { repo, response, logged } = visit;
  const [verb, revision, ...segments] = rest.split("/");
  if ((verb !== "resolve" && verb !== "raw") || !isRevision(repo, revision)) {
    return error(visit, 404, "RevisionNotFound", "Invalid rev id");
  }
  if (refuseUngranted(visit)) return;
  const at = decodeURIComponent(revision ?? "");
  const file = filesAt(repo, at)?.get(decodeSegments(segments.join("/")));
  if (file === undefined) return error(visit, 404, "EntryNotFound", "Entry not found");
  logged.file = file.path;
  const fault = repo.faults.draw("resolve", file.path, 1);
  logged.fault = fault?.kind ?? null;
  if (fault !== null && refuse(response, fault)) return;
  if (fault?.kind === "cut") {
    response.destroy();
    return;
  }
  const commit = repo.history.has(at) ? at : repo.commit;
  response.setHeader("x-repo-commit", commit);
  if (!file.isLarge || verb === "raw") return redirectToCache(visit, commit, file);
  response.writeHead(302, {
    location: signedAddress(repo, at, file.path),
    "x-linked-size": file.sizeBytes,
    "x-linked-etag": `"${file.sha256}"`,
    "x-xet-hash": file.xetHash,
    "accept-ranges": "bytes",
    link: [
      `<${repo.hubOrigin}/api/${repo.type}s/${repo.name}/xet-read-token/${commit}>; rel="xet-auth"`,
      `<${repo.cdnOrigin}/v1/reconstructions/${file.xetHash}>; rel="xet-reconstruction-info"`,
    ].join(", "),
  });
  response.end("Found. Redirecting");
}

function redirectToCache({ repo, response }: Visit, commit: string, file: HostedFile): void {
  const query = new URLSearchParams({ etag: `"${file.oid}"` });
  const address = `/api/resolve-cache/${repo.type}s/${repo.name}/${commit}/${encodeSegments(file.path)}`;
  response.writeHead(307, { location: `${address}?${query}` });
  response.end("Temporary Redirect. Redirecting");
}

async function serveSmall(visit: Visit, rest: string): Promise<void> {
  const { repo, request, response, logged } = visit;
  if (refuseUngranted(visit)) return;
  const [commit = "", ...segments] = rest.split("/");
  const file = filesAt(repo, commit)?.get(decodeSegments(segments.join("/")));
  if (file === undefined) return error(visit, 404, "EntryNotFound", "Entry not found");
  logged.file = file.path;
  await serveBytes(repo, file, file.oid, request, response, logged);
}

function refuseUngranted(visit: Visit): boolean {
  const { repo, request } = visit;
  if (!repo.isGated || request.headers.authorization === `Bearer ${grantedToken}`) return false;
  const status = tokenOf(visit) === "valid" ? 403 : 401;
  error(visit, status, "GatedRepo", `Access to dataset ${repo.name} is restricted.`);
  return true;
}
