import type { IncomingMessage, ServerResponse } from "node:http";
import type { DatasetRepo } from "./dataset-repo.ts";
import type { Fault } from "./faults.ts";
import type { HostedFile } from "./hosted-file.ts";
import type { LoggedRequest } from "./request-log.ts";
import { sendBody } from "./send-body.ts";

/** Answers with a file's bytes, by range when asked to, and with the fault that befalls this request. */
export async function serveBytes(
  repo: DatasetRepo,
  file: HostedFile,
  etag: string,
  request: IncomingMessage,
  response: ServerResponse,
  logged: LoggedRequest,
): Promise<void> {
  const asked = parseRange(request.headers.range, file.sizeBytes);
  const length = asked === null || asked === "beyond" ? file.sizeBytes : asked.end - asked.start;
  const fault = repo.faults.draw("bytes", file.path, length);
  logged.fault = fault?.kind ?? null;
  if (fault !== null && refuse(response, fault)) return;
  if (asked === "beyond") {
    response.writeHead(416, { "content-range": `bytes */${file.sizeBytes}` }).end();
    return;
  }
  const isPart = asked !== null && fault?.kind !== "range-ignored";
  const { start, end } = isPart ? asked : { start: 0, end: file.sizeBytes };
  const shift = fault?.kind === "wrong-range" ? 1 : 0;
  response.writeHead(isPart ? 206 : 200, {
    etag: `"${etag}"`,
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    // Without a length the body is chunked, and an early end looks clean.
    ...(fault?.kind === "early-end" ? {} : { "content-length": end - start }),
    ...(isPart ? { "content-range": `bytes ${start + shift}-${end - 1 + shift}/${file.sizeBytes}` } : {}),
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  await sendBody(response, file.read(start, end), fault, repo.pace, logged);
}

/** True when the fault is an answer of its own. */
export function refuse(response: ServerResponse, fault: Fault): boolean {
  const pause = {
    ...(fault.retryAfterS === undefined ? {} : { "retry-after": String(fault.retryAfterS) }),
    ...(fault.rateLimitS === undefined ? {} : { ratelimit: `"resolvers";r=0;t=${fault.rateLimitS}` }),
  };
  switch (fault.kind) {
    case "503":
    case "429":
      response.writeHead(Number(fault.kind), pause).end("slow down");
      return true;
    case "gone":
      // Listed, and yet not there.
      response.writeHead(404, { "x-error-code": "EntryNotFound" }).end("Entry not found");
      return true;
    case "expired":
      response.writeHead(403, { "content-type": "application/xml" }).end("<Error>AccessDenied</Error>");
      return true;
    default:
      return false;
  }
}

function parseRange(
  text: string | undefined,
  sizeBytes: number,
): { start: number; end: number } | "beyond" | null {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(text ?? "") ?? [];
  if (first === undefined) return null;
  const start = Number(first);
  const end = last === undefined || last === "" ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  return start >= sizeBytes ? "beyond" : { start, end };
}
