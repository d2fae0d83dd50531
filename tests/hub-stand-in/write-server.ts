import type { IncomingMessage, ServerResponse } from "node:http";
import { type DatasetRepo, decodeSegments, grantedToken, ungrantedToken } from "./dataset-repo.ts";
import { type HostedFile, memoryFile } from "./hosted-file.ts";

interface Exchange {
  readonly repo: DatasetRepo;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The part of the Hub that takes: repos/create, branch, preupload, LFS batch, complete, commit. Whether it was asked. */
export async function serveWrites(exchange: Exchange): Promise<boolean> {
  const { repo, request } = exchange;
  if (request.method !== "POST") return false;
  const path = decodeSegments((request.url ?? "/").split("?")[0] ?? "");
  const isOurs = path === "/api/repos/create" || path.startsWith(`/api/datasets/${repo.name}/`);
  const [, verb = "", branch = ""] =
    /\/(branch|preupload|commit)\/(.+)$/.exec(path.slice(`/api/datasets/${repo.name}`.length)) ?? [];
  if (path === "/api/complete_multipart") return complete(exchange);
  if (path === `/datasets/${repo.name}.git/info/lfs/objects/batch`)
    return (await refusesWriter(exchange)) || lfsBatch(exchange);
  if (!isOurs || (verb === "" && path !== "/api/repos/create")) return false;
  if (await refusesWriter(exchange)) return true;
  if (path === "/api/repos/create") return create(exchange);
  if (repo.isGone) return answer(exchange, 404, { error: "Repository not found" }, "RepoNotFound");
  if (verb === "branch") return makeBranch(exchange, branch);
  if (branch !== "main" && !repo.branches.has(branch))
    return answer(exchange, 404, { error: "Invalid rev id" }, "RevisionNotFound");
  return verb === "preupload" ? preupload(exchange) : commit(exchange, branch);
}

/** The upload host, which is no part of the Hub: it knows signed addresses and no token. */
export async function serveUploads({ repo, request, response }: Exchange): Promise<boolean> {
  const url = new URL(request.url ?? "/", repo.cdnOrigin);
  const [, oid = ""] = /^\/lfs-upload\/([0-9a-f]{64})$/.exec(url.pathname) ?? [];
  if (request.method !== "PUT" || oid === "") return false;
  const length = request.headers["content-length"];
  if (url.searchParams.get("generation") !== String(repo.generation)) response.writeHead(403).end();
  else if (length === undefined) response.writeHead(411).end();
  else if (url.searchParams.has("part")) {
    const etag = await repo.written.takePart(oid, Number(url.searchParams.get("part")), request);
    response.writeHead(200, { etag }).end();
  } else {
    const isGood = await repo.written.takeObject(oid, request);
    response.writeHead(isGood ? 200 : 400).end();
  }
  request.resume();
  return true;
}

function answer({ request, response }: Exchange, status: number, value: unknown, code?: string): true {
  request.resume();
  response.writeHead(status, {
    "content-type": "application/json",
    ...(code !== undefined && { "x-error-code": code }),
  });
  response.end(JSON.stringify(value));
  return true;
}

async function refusesWriter(exchange: Exchange): Promise<boolean> {
  const { authorization } = exchange.request.headers;
  if (authorization === `Bearer ${grantedToken}`) return false;
  if (authorization === `Bearer ${ungrantedToken}`)
    return answer(exchange, 403, { error: `no rights for ${authorization}` });
  return answer(exchange, 401, { error: "Invalid username or password." });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) text += String(chunk);
  return text;
}

async function create(exchange: Exchange): Promise<true> {
  const { repo, request } = exchange;
  const asked = JSON.parse(await textOf(request)) as Record<string, unknown>;
  if (`${asked.organization}/${asked.name}` !== repo.name || asked.type !== "dataset")
    return answer(exchange, 400, { error: "not the repository of this stand-in" });
  if (!repo.isGone) return answer(exchange, 409, { error: "You already created this dataset repo" });
  repo.isGone = false;
  repo.isPrivate = asked.visibility === "private";
  return answer(exchange, 200, { url: `${repo.hubOrigin}/datasets/${repo.name}`, id: "1", name: repo.name });
}

async function makeBranch(exchange: Exchange, branch: string): Promise<true> {
  const { repo, request } = exchange;
  await textOf(request);
  if (branch === "main" || repo.branches.has(branch)) return answer(exchange, 409, { error: "exists" });
  repo.history.set(repo.commit, repo.files);
  repo.branches.set(branch, repo.commit);
  return answer(exchange, 200, {});
}

/** Text files below the limit are git's own; whatever else is LFS's. */
async function preupload(exchange: Exchange): Promise<true> {
  const asked = JSON.parse(await textOf(exchange.request)) as {
    files: { path: string; size: number; sample: string }[];
  };
  const files = asked.files.map(({ path, size, sample }) => {
    const isText = !Buffer.from(sample, "base64").includes(0);
    return { path, uploadMode: isText && size < exchange.repo.regularBelowBytes ? "regular" : "lfs" };
  });
  return answer(exchange, 200, { files });
}

async function lfsBatch(exchange: Exchange): Promise<true> {
  const { repo, request } = exchange;
  const asked = JSON.parse(await textOf(request)) as { objects: { oid: string; size: number }[] };
  const { written, cdnOrigin, hubOrigin, generation } = repo;
  const more = asked.objects
    .filter(({ oid }) => !written.objects.has(oid))
    .reduce((sum, { size }) => sum + size, 0);
  if (written.usedBytes + more > written.roomBytes)
    return answer(exchange, 413, { error: "Storage limit reached" });
  const objects = asked.objects.map(({ oid, size }) => {
    const to = `${cdnOrigin}/lfs-upload/${oid}?generation=${generation}`;
    if (written.objects.has(oid)) return { oid, size };
    const verify = { href: `${hubOrigin}/api/complete_multipart?verify=${oid}` };
    if (size <= written.partBytes) return { oid, size, actions: { upload: { href: to }, verify } };
    const count = Math.ceil(size / written.partBytes);
    const numbers = Array.from({ length: count }, (_, at) => at + 1);
    const header = Object.fromEntries(
      numbers.map((number) => [String(number).padStart(5, "0"), `${to}&part=${number}`]),
    );
    const upload = {
      href: `${hubOrigin}/api/complete_multipart?oid=${oid}`,
      header: { ...header, chunk_size: String(written.partBytes) },
    };
    return { oid, size, actions: { upload } };
  });
  return answer(exchange, 200, { transfer: "basic", objects });
}

async function complete(exchange: Exchange): Promise<true> {
  const { repo, request } = exchange;
  const asked = JSON.parse(await textOf(request)) as {
    oid: string;
    parts?: { partNumber: number; etag: string }[];
  };
  const isThere =
    asked.parts === undefined
      ? repo.written.objects.has(asked.oid)
      : repo.written.complete(asked.oid, asked.parts);
  return answer(exchange, isThere ? 200 : 404, {});
}

interface CommitLine {
  readonly key: "header" | "file" | "lfsFile" | "deletedFile";
  readonly value: Readonly<Record<string, string>>;
}

async function commit(exchange: Exchange, branch: string): Promise<true> {
  const { repo, request } = exchange;
  const lines = (await textOf(request)).split("\n").filter((line) => line !== "");
  const operations = lines.map((line) => JSON.parse(line) as CommitLine);
  repo.written.beforeCommit?.();
  const header = operations.find(({ key }) => key === "header")?.value ?? {};
  const at = repo.branches.get(branch) ?? repo.commit;
  const { parentCommit } = header;
  if (parentCommit !== undefined && parentCommit !== at)
    return answer(exchange, 412, { error: "A commit has happened since. Please refresh and try again." });
  const files = new Map(repo.branches.has(branch) ? repo.history.get(at) : repo.files);
  for (const operation of operations)
    if (!apply(repo, files, operation)) return answer(exchange, 400, { error: "no such object" });
  const paths = (keys: readonly string[]) =>
    operations.flatMap(({ key, value }) => (keys.includes(key) ? [value.path ?? ""] : []));
  const oid = repo.moveBranch(branch, files);
  repo.written.commits.push({
    branch,
    oid,
    summary: header.summary ?? "",
    written: paths(["file", "lfsFile"]),
    removed: paths(["deletedFile"]),
  });
  return answer(exchange, 200, { commitOid: oid, commitUrl: `${repo.hubOrigin}/${oid}` });
}

function apply(repo: DatasetRepo, files: Map<string, HostedFile>, { key, value }: CommitLine): boolean {
  const path = value.path ?? "";
  switch (key) {
    case "header":
      return true;
    case "deletedFile":
      return files.delete(path);
    case "file": {
      const content = Buffer.from(value.content ?? "", "base64");
      return files.set(path, memoryFile(path, content, Number.POSITIVE_INFINITY)).has(path);
    }
    case "lfsFile": {
      const file = repo.written.hosted(path, value.oid ?? "");
      if (file === null || String(file.sizeBytes) !== String(value.size)) return false;
      return files.set(path, file).has(path);
    }
    default:
      return key satisfies never;
  }
}
