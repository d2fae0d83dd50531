import { Failure, type FileIdentity, type Source } from "@shardmill/core";
import { type Answer, ask } from "../wire/ask.ts";
import { Fault } from "../wire/fault.ts";
import { judgeAnswer, type Subject } from "../wire/judge-answer.ts";
import { encodePath, type Net, net, parseAddress } from "../wire/net.ts";
import { Patience } from "../wire/patience.ts";
import { RemoteFile } from "../wire/remote-file.ts";
import type { SourceDeps, SourceSpec } from "./source-spec.ts";

type HttpSpec = Extract<SourceSpec, { kind: "http" }>;

/** Named files below one address, on any server that answers byte ranges. Each file's size is asked for when it is listed. */
export function openHttpSource(spec: HttpSpec, deps: SourceDeps): Source {
  const base = parseAddress(spec.base.endsWith("/") ? spec.base : `${spec.base}/`, "the http source");
  // A query in the base may be a signature, so it is in no name.
  const name = `${base.origin}${base.pathname}`.replace(/\/$/, "");
  const reach = net(name, deps, null);
  const addressOf = (path: string): URL => {
    const url = new URL(encodePath(path, name), `${base.origin}${base.pathname}`);
    url.search = base.search;
    return url;
  };
  const subjectOf = (path: string): Subject => ({ path, revision: null, page: null });
  return {
    name,
    revision: null,
    async *list(signal) {
      for (const path of [...spec.files].sort()) {
        yield await identify(reach, path, addressOf(path), subjectOf(path), signal);
      }
    },
    open: (file) => new RemoteFile(reach, file, addressOf(file.path), subjectOf(file.path), file.oid),
  };
}

/** Asks for one byte: HEAD is not answered everywhere, and whether ranges work is seen at once. */
async function identify(
  reach: Net,
  path: string,
  start: URL,
  subject: Subject,
  signal: AbortSignal,
): Promise<FileIdentity> {
  const patience = new Patience(reach, path);
  let url = start;
  for (let hops = 0; ; ) {
    try {
      const answer = await ask(reach, { url, headers: { range: "bytes=0-0" } }, signal);
      const location = answer.headers.get("location");
      if (answer.status >= 300 && answer.status < 400 && location !== null) {
        await answer.drain();
        url = nextAddress(url, location, ++hops, reach);
        continue;
      }
      const sizeBytes = sizeOf(answer);
      await answer.drain();
      if (sizeBytes === null) throw judgeOrInvalid(reach, answer, subject);
      return { path, sizeBytes, sha256: null, oid: answer.headers.get("etag") };
    } catch (error) {
      await patience.after(error, signal);
      url = start;
      hops = 0;
    }
  }
}

function nextAddress(url: URL, location: string, hops: number, { source }: Net): URL {
  if (hops > 5 || !URL.canParse(location, url.href)) {
    throw new Fault("invalid_answer", url.host, "a redirect that leads nowhere");
  }
  const next = new URL(location, url);
  if (next.protocol !== "https:" && next.protocol !== url.protocol) {
    throw new Failure("source_invalid", `${source}: redirected away from https`, { retry: "never" });
  }
  return next;
}

function sizeOf({ status, headers }: Answer): number | null {
  const text =
    status === 200
      ? headers.get("content-length")
      : status === 206 || status === 416
        ? (/\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1] ?? null)
        : null;
  return text !== null && Number.isSafeInteger(Number(text)) ? Number(text) : null;
}

function judgeOrInvalid(reach: Net, answer: Answer, subject: Subject): Fault | Failure {
  if (answer.status >= 400 && answer.status !== 416) return judgeAnswer(reach, answer, subject);
  return new Fault("invalid_answer", answer.url.host, "an answer that does not tell the file's size");
}
