import type { IncomingMessage } from "node:http";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import { isTransientStatus } from "../wire/retry-rule.ts";
import { checkedLookup } from "./checked-lookup.ts";
import { isPublicAddress } from "./is-public-address.ts";
import { type Resolve, resolveHost } from "./resolve-host.ts";

interface PostSettings {
  /** For everything together: name, connection, answer. */
  readonly timeoutMs: number;
  /** Hosts that may be told anything: names, and addresses of one's own networks, which no name leads to otherwise. */
  readonly hosts: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly resolve?: Resolve;
}

type Posted =
  | { readonly kind: "taken" }
  /** `isTransient`: the same may be taken a little later. */
  | { readonly kind: "refused"; readonly why: string; readonly isTransient: boolean };

/** The host of an address as lists of hosts name it. */
export function hostNamed(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

/**
 * Tells a listed host something, and reads nothing of its answer but whether it was taken. Its name is resolved once, and the
 * connection goes to the address that was checked; redirects lead to nobody who is listed, and are not followed.
 */
export async function postJson(
  url: URL,
  body: string,
  settings: PostSettings,
  signal: AbortSignal,
): Promise<Posted> {
  const { hosts, timeoutMs } = settings;
  if (!hosts.includes(hostNamed(url))) return refused("its host is not listed");
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await send(url, body, settings, AbortSignal.any([signal, late]));
    answer.destroy();
    const { statusCode: status = 0 } = answer;
    if (status >= 200 && status < 300) return { kind: "taken" };
    return refused(`answered ${status}`, isTransientStatus(status));
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) return refused(`no answer within ${timeoutMs} ms`, true);
    if (error instanceof NotAllowed) return refused("its address is not public, and not listed itself");
    const code = error instanceof Error && "code" in error ? String(error.code) : null;
    if (code === null) throw error;
    return refused(code, true);
  }
}

function refused(why: string, isTransient = false): Posted {
  return { kind: "refused", why, isTransient };
}

/** Carries a refusal out of this file's callbacks; never leaves it. */
class NotAllowed extends Error {}

function send(url: URL, body: string, settings: PostSettings, signal: AbortSignal): Promise<IncomingMessage> {
  const { hosts, headers, resolve = resolveHost } = settings;
  const isAllowed = (address: string): boolean => isPublicAddress(address) || hosts.includes(address);
  const literal = hostNamed(url);
  if (isIP(literal) !== 0 && !isAllowed(literal)) throw new NotAllowed();
  const options = {
    method: "POST",
    lookup: checkedLookup(resolve, isAllowed, () => new NotAllowed()),
    signal,
    // No pool: a connection that was made for one check is not used for another.
    agent: false,
    headers: {
      "user-agent": "shardmill",
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      ...headers,
    },
  };
  return new Promise((done, fail) => {
    const ask = url.protocol === "https:" ? requestHttps : requestHttp;
    ask(url, options, done).on("error", fail).end(body);
  });
}
