import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { answerError, answerXml, errorText, escaped } from "./s3-answers.ts";
import type { FaultPlan, S3Fault, SeenRequest } from "./s3-faults.ts";
import { type StandInMode, type StandInObject, StandInObjects } from "./stand-in-objects.ts";

export const standInBucket = "toy-bucket";
export const standInKeys = { id: "stand-in-key", secret: "stand-in-secret" } as const;

export interface S3StandIn {
  readonly endpoint: string;
  readonly objects: StandInObjects;
  readonly requests: SeenRequest[];
  /** What of later requests goes wrong. */
  plan: FaultPlan;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server that does with one bucket, by path, what AWS S3 does, or a store that deviates from it. */
export async function startS3StandIn(mode: StandInMode = {}): Promise<S3StandIn> {
  const objects = new StandInObjects(mode);
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    serve(standIn, request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const standIn: S3StandIn = {
    endpoint: `http://127.0.0.1:${address.port}`,
    objects,
    requests,
    plan: () => null,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}

async function serve(standIn: S3StandIn, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", standIn.endpoint);
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(decodeURIComponent(url.pathname)) ?? [];
  const seen: SeenRequest = {
    verb: verbOf(request, url, key),
    key,
    number: standIn.requests.length + 1,
    isConditional:
      request.headers["if-none-match"] !== undefined || request.headers["if-match"] !== undefined,
    range: request.headers.range ?? null,
  };
  standIn.requests.push(seen);
  const fault = standIn.plan(seen);
  if (fault?.kind === "cut-before") return void request.socket.destroy();
  if (fault?.kind === "stall") return;
  if (fault?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms));
  const body = await bodyOf(request);
  if (fault?.kind === "status") return answerError(response, fault.status, fault.code);
  const refusal = refusalOf(standIn, request, bucket, body);
  if (refusal !== null) return answerError(response, ...refusal);
  const answer = answerOf(standIn.objects, seen, { url, request, body });
  if (fault?.kind === "cut-after") return void request.socket.destroy();
  if (fault?.kind === "error-in-200") return answerXml(response, 200, errorText("InternalError"));
  send(response, answer, seen, fault);
}

function verbOf(request: IncomingMessage, url: URL, key: string): SeenRequest["verb"] {
  if (request.method === "GET" && key === "") return "LIST";
  if (request.method === "POST" && url.searchParams.has("delete")) return "DELETES";
  const { method } = request;
  if (method === "PUT" || method === "GET" || method === "HEAD" || method === "DELETE") return method;
  throw new Error(`the stand-in has no ${method}`);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** What is wrong with a request whatever it asks for. */
function refusalOf(
  { objects }: S3StandIn,
  { method, headers }: IncomingMessage,
  bucket: string,
  body: Buffer,
): [number, string] | null {
  const { authorization = "" } = headers;
  if (authorization === "") return [403, "AccessDenied"];
  if (!authorization.includes(`Credential=${standInKeys.id}/`)) return [403, "InvalidAccessKeyId"];
  if (bucket !== standInBucket) return [404, "NoSuchBucket"];
  if (objects.mode.redirects === true && method === "GET") return [302, "Found"];
  if (method === "PUT" && objects.mode.needsLength === true && headers["content-length"] === undefined)
    return [411, "MissingContentLength"];
  const told = headers["x-amz-content-sha256"];
  const sha256 = createHash("sha256").update(body);
  const digest = sha256.copy().digest("hex");
  if (typeof told === "string" && /^[0-9a-f]{64}$/.test(told) && told !== digest)
    return [400, "XAmzContentSHA256Mismatch"];
  const checksum = headers["x-amz-checksum-sha256"];
  return checksum === undefined || checksum === sha256.digest("base64") ? null : [400, "BadDigest"];
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

interface Asked {
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly body: Buffer;
}

function answerOf(objects: StandInObjects, { verb, key }: SeenRequest, asked: Asked): Answer {
  switch (verb) {
    case "PUT":
      return put(objects, key, asked);
    case "LIST":
      return { status: 200, body: listing(objects, asked.url.searchParams) };
    case "DELETE":
      objects.remove(key);
      return { status: 204 };
    case "DELETES":
      return removal(objects, asked.body.toString());
    default:
      return get(objects.all.get(key), objects.mode, asked.request.headers);
  }
}

function put(objects: StandInObjects, key: string, { request, body }: Asked): Answer {
  const { "if-none-match": ifNoneMatch, "if-match": ifMatch } = request.headers;
  const end = objects.judge(key, { ifNoneMatch, ifMatch });
  if (end === "unsupported") return { status: 501, body: errorText("NotImplemented") };
  if (end === "absent") return { status: 404, body: errorText("NoSuchKey") };
  if (end === "fails") return { status: 412, body: errorText("PreconditionFailed") };
  const metadata = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      name.startsWith("x-amz-meta-") && typeof value === "string" ? [[name, value]] : [],
    ),
  );
  return { status: 200, headers: { etag: objects.put(key, body, metadata).etag } };
}

function get(
  object: StandInObject | undefined,
  mode: StandInMode,
  { range, "if-none-match": unless }: IncomingHttpHeaders,
): Answer {
  if (object === undefined) return { status: 404, body: errorText("NoSuchKey") };
  const { bytes, etag, modified, metadata } = object;
  // One that knows tags without quotes only passes over the condition.
  if (unless === etag && mode.tags !== "unquoted") return { status: 304, headers: { etag } };
  const headers = { ...metadata, etag, "last-modified": modified.toUTCString() };
  const [, from, to = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (from === undefined || mode.keepsRanges === false) return { status: 200, headers, body: bytes };
  const start = Number(from);
  const end = to === "" ? bytes.length : Math.min(bytes.length, Number(to) + 1);
  if (start >= bytes.length) return { status: 416, body: errorText("InvalidRange") };
  const contentRange = `bytes ${start}-${end - 1}/${bytes.length}`;
  return {
    status: 206,
    headers: { ...headers, "content-range": contentRange },
    body: bytes.subarray(start, end),
  };
}

function removal(objects: StandInObjects, text: string): Answer {
  for (const [, key = ""] of text.matchAll(/<Key>([^<]*)<\/Key>/g))
    objects.remove(
      key.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
    );
  return { status: 200, body: "<DeleteResult></DeleteResult>" };
}

function listing(objects: StandInObjects, asked: URLSearchParams): string {
  const [prefix, delimiter] = [asked.get("prefix") ?? "", asked.get("delimiter") ?? ""];
  const after = Buffer.from(asked.get("continuation-token") ?? "", "base64url").toString();
  const most = Math.min(Number(asked.get("max-keys") ?? 1000), objects.mode.pageSize ?? 1000);
  const items = new Map<string, string>();
  for (const [key, { bytes, etag, modified }] of objects.listed(prefix)) {
    const slash = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const item = slash < 0 ? key : key.slice(0, slash + 1);
    if (item <= after || items.has(item)) continue;
    const facts = `<LastModified>${modified.toISOString()}</LastModified><ETag>${escaped(etag)}</ETag><Size>${bytes.length}</Size>`;
    items.set(
      item,
      slash < 0
        ? `<Contents><Key>${escaped(item)}</Key>${facts}</Contents>`
        : `<CommonPrefixes><Prefix>${escaped(item)}</Prefix></CommonPrefixes>`,
    );
  }
  const shown = [...items].slice(0, most);
  const isMore = items.size > shown.length;
  const next = isMore ? Buffer.from(shown.at(-1)?.[0] ?? "").toString("base64url") : null;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult><Name>${standInBucket}</Name><Prefix>${escaped(prefix)}</Prefix>`,
    `<KeyCount>${shown.length}</KeyCount><IsTruncated>${isMore}</IsTruncated>`,
    next === null ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`,
    ...shown.map(([, text]) => text),
    "</ListBucketResult>",
  ].join("");
}

function send(
  response: ServerResponse,
  { status, headers, body = "" }: Answer,
  { verb }: SeenRequest,
  fault: S3Fault | null,
): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, {
    ...headers,
    ...(status === 204 || status === 304 ? {} : { "content-length": String(bytes.length) }),
  });
  if (verb === "HEAD" || status === 204 || status === 304) return void response.end();
  if (fault?.kind !== "cut-body" || bytes.length < 2) return void response.end(bytes);
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.destroy());
}
