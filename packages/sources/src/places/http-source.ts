import type { Failure, FileIdentity, Source } from "@shardmill/core";
import type { Answer } from "../wire/ask.ts";
import { askThrough } from "../wire/ask-through.ts";
import { Fault } from "../wire/fault.ts";
import { judgeAnswer, type Subject } from "../wire/judge-answer.ts";
import { encodePath, type Net, net, parseAddress } from "../wire/net.ts";
import { Patience } from "../wire/patience.ts";
import { RemoteFile } from "../wire/remote-file.ts";
import type { SourceDeps } from "../wire/source-deps.ts";
import type { SourceSpec } from "./source-spec.ts";

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
        yield await identify(reach, addressOf(path), subjectOf(path), signal);
      }
    },
    open: (file) =>
      new RemoteFile(reach, {
        identity: file,
        lasting: addressOf(file.path),
        subject: subjectOf(file.path),
        listedEtag: file.oid,
      }),
  };
}

/** Asks for one byte: HEAD is not answered everywhere, and whether ranges work is seen at once. */
async function identify(reach: Net, url: URL, subject: Subject, signal: AbortSignal): Promise<FileIdentity> {
  const path = subject.path ?? "";
  const patience = new Patience(reach, path);
  for (;;) {
    try {
      const answer = await askThrough(reach, { url, headers: { range: "bytes=0-0" } }, signal);
      const sizeBytes = sizeOf(answer);
      await answer.drain();
      if (sizeBytes === null) throw judgeOrInvalid(reach, answer, subject);
      return { path, sizeBytes, sha256: null, oid: answer.headers.get("etag") };
    } catch (error) {
      await patience.after(error, signal);
    }
  }
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
