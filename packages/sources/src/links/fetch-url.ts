import type { IncomingMessage, RequestOptions } from "node:http";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { type Rejection, reject } from "@shardmill/core";
import { Deadline } from "../wire/deadline.ts";
import { isTransientStatus } from "../wire/retry-rule.ts";
import { waitAskedMs } from "../wire/wait-asked.ts";
import { type RedirectProblem, redirectProblems, walkRedirects } from "../wire/walk-redirects.ts";
import { checkedLookup } from "./checked-lookup.ts";
import { isPublicAddress } from "./is-public-address.ts";
import { type Resolve, resolveHost } from "./resolve-host.ts";

export interface FetchUrlSettings {
  /** Of the body, after unpacking its transfer encoding. */
  readonly maxBytes: number;
  /** For everything together: name, connection, redirects, body. */
  readonly timeoutMs: number;
  /** Only for tests and for mirrors inside one's own network. Default false. */
  readonly allowPrivate?: boolean;
  /** Asked before each chunk is kept; while it holds the body back, no time passes for the link. */
  readonly admit?: (bytes: number, signal: AbortSignal) => Promise<void>;
  readonly maxRedirects?: number;
  readonly userAgent?: string;
  readonly resolve?: Resolve;
}

export type FetchedUrl =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly contentType: string | null }
  | ({ readonly kind: "rejected"; readonly rejection: Rejection } & Again);

/** Whether asking the same address again at once may end differently. */
interface Again {
  readonly isTransient: boolean;
  /** What the other side asked us to wait, when it did. */
  readonly waitMs: number | null;
}

/**
 * One link of a URL-list dataset. A stranger wrote it, so: only http and https, bounded in size and time, and no address
 * inside our own networks. The name is resolved once, its address is checked, and the connection goes to that very
 * address; every redirect goes through the same door.
 */
export async function fetchUrl(
  text: string,
  settings: FetchUrlSettings,
  signal: AbortSignal,
): Promise<FetchedUrl> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const deadline = new Deadline(settings.timeoutMs, () => {
    stop.abort(new Refusal(reject("url_dead", `${shown(text)}: no answer within ${settings.timeoutMs} ms`)));
  });
  try {
    return await follow(text, { settings, deadline, signal: stop.signal });
  } catch (error) {
    signal.throwIfAborted();
    const cause: unknown = stop.signal.aborted ? stop.signal.reason : error;
    if (cause instanceof Refusal) return { kind: "rejected", rejection: cause.rejection, ...cause.again };
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : null;
    if (code === null) throw cause;
    const isTransient = transientErrors.has(code);
    return {
      kind: "rejected",
      rejection: reject("url_dead", `${shown(text)}: ${code}`),
      isTransient,
      waitMs: null,
    };
  } finally {
    deadline.pause();
    signal.removeEventListener("abort", onAbort);
    stop.abort();
  }
}

/** A connection that broke, and a resolver that was busy; a name or a port that is not there stays away. */
const transientErrors = new Set(["ECONNRESET", "EPIPE", "EAI_AGAIN", "ETIMEDOUT"]);

/** Carries a rejection out of this file's callbacks; never leaves it. */
class Refusal extends Error {
  readonly rejection: Rejection;
  readonly again: Again;
  constructor(rejection: Rejection, again: Again = { isTransient: false, waitMs: null }) {
    super(rejection.detail);
    this.rejection = rejection;
    this.again = again;
  }
}

interface Visit {
  readonly settings: FetchUrlSettings;
  readonly deadline: Deadline;
  readonly signal: AbortSignal;
}

async function follow(text: string, visit: Visit): Promise<FetchedUrl> {
  const { settings, signal } = visit;
  const start = checkedAddress(text);
  const { answer, url } = await walkRedirects(start, {
    ask: async (at) => ({ answer: await get(at, settings, signal), url: at }),
    lookAt: ({ answer: { statusCode = 0, headers } }) => ({
      status: statusCode,
      location: headers.location ?? null,
    }),
    leave: (left) => void left.answer.destroy(),
    refuse: (problem, from, left) => refusalOf(problem, from, left.answer.statusCode ?? 0),
    mayLeaveHttps: true,
    ...(settings.maxRedirects !== undefined && { maxRedirects: settings.maxRedirects }),
  });
  const { statusCode = 0, headers } = answer;
  if (statusCode !== 200) {
    answer.destroy();
    const again = {
      isTransient: isTransientStatus(statusCode),
      waitMs: waitAskedMs(new Headers({ "retry-after": headers["retry-after"] ?? "" }), Date.now()),
    };
    throw new Refusal(reject("url_dead", `${shown(url.href)}: answered ${statusCode}`), again);
  }
  const bytes = await readBody(answer, url, visit);
  return { kind: "bytes", bytes, contentType: headers["content-type"] ?? null };
}

function refusalOf(problem: RedirectProblem, from: URL, status: number): Refusal {
  switch (problem) {
    case "no_address":
      return new Refusal(reject("url_dead", `${shown(from.href)}: answered ${status}`));
    case "loop":
    case "too_many":
      return new Refusal(reject("url_dead", `${shown(from.href)}: ${redirectProblems[problem]}`));
    case "unreadable_address":
    case "not_http":
    case "user_name":
    case "away_from_https":
      return new Refusal(reject("url_refused", `${shown(from.href)}: ${redirectProblems[problem]}`));
    default:
      return problem satisfies never;
  }
}

function checkedAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw new Refusal(reject("url_refused", "expected an http address, found none"));
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Refusal(reject("url_refused", `expected an http address, found ${url.protocol}`));
  }
  if (url.username !== "" || url.password !== "") {
    throw new Refusal(reject("url_refused", `${shown(url.href)}: the address holds a user name`));
  }
  return url;
}

function get(url: URL, settings: FetchUrlSettings, signal: AbortSignal): Promise<IncomingMessage> {
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  const isAllowed = (address: string): boolean => settings.allowPrivate === true || isPublicAddress(address);
  const refusal = (): Refusal =>
    new Refusal(reject("url_refused", `${shown(url.href)}: the address is not public`));
  if (isIP(literal) !== 0 && !isAllowed(literal)) throw refusal();
  const options: RequestOptions = {
    lookup: checkedLookup(settings.resolve ?? resolveHost, isAllowed, refusal),
    signal,
    // No pool: a connection that was made for one check is not used for another.
    agent: false,
    headers: {
      "accept-encoding": "identity",
      "user-agent": settings.userAgent ?? "shardmill",
      accept: "*/*",
    },
  };
  return new Promise((resolve, fail) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    send(url, options, resolve).on("error", fail).end();
  });
}

async function readBody(
  answer: IncomingMessage,
  url: URL,
  { settings: { maxBytes, admit }, deadline, signal }: Visit,
): Promise<Uint8Array> {
  const tooLarge = (): Refusal =>
    new Refusal(reject("too_large", `${shown(url.href)}: above ${maxBytes} bytes`));
  const declared = Number(answer.headers["content-length"] ?? 0);
  if (declared > maxBytes) {
    answer.destroy();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body = unpacked(answer);
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) continue;
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      if (admit !== undefined) {
        deadline.pause();
        await admit(chunk.length, signal);
        deadline.resume();
      }
      chunks.push(chunk);
    }
  } finally {
    answer.destroy();
  }
  if (!answer.complete)
    throw new Refusal(reject("url_dead", `${shown(url.href)}: the answer was cut`), {
      isTransient: true,
      waitMs: null,
    });
  return Buffer.concat(chunks);
}

/** Some servers pack although we ask them not to. The size is bounded after unpacking, chunk by chunk. */
function unpacked(answer: IncomingMessage): Readable {
  switch (answer.headers["content-encoding"]) {
    case "gzip":
      return pipeline(answer, createGunzip(), () => undefined);
    case "br":
      return pipeline(answer, createBrotliDecompress(), () => undefined);
    case "deflate":
      return pipeline(answer, createInflate(), () => undefined);
    default:
      return answer;
  }
}

/** Without the query, which may be somebody's signature. */
function shown(text: string): string {
  if (!URL.canParse(text)) return "the address";
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname}`.slice(0, 200);
}
