import { askThrough } from "../wire/ask-through.ts";
import { Fault } from "../wire/fault.ts";
import { net, parseAddress } from "../wire/net.ts";
import type { SourceDeps } from "../wire/source-deps.ts";
import { checkedToken } from "./checked-token.ts";

/** How a Hub answers somebody who wants nothing of it yet. */
export type HubGreeting =
  | { readonly kind: "answers"; readonly isTokenAccepted: boolean }
  | { readonly kind: "refuses-token" }
  | { readonly kind: "fails"; readonly status: number }
  | { readonly kind: "silent"; readonly why: string };

/** One request to a Hub, without retries: whoever looks wants to know how it is now. With a token it is asked whose that is. */
export async function greetHub(
  { endpoint, ...given }: { readonly endpoint: string; readonly token: string | null },
  deps: SourceDeps,
  signal: AbortSignal,
): Promise<HubGreeting> {
  const token = checkedToken(given.token);
  const base = parseAddress(endpoint.replace(/\/+$/, ""), "hub");
  const credential = token === null ? null : { origin: base.origin, token };
  const question = token === null ? "datasets?limit=1" : "whoami-v2";
  const url = new URL(`${base.href.replace(/\/$/, "")}/api/${question}`);
  try {
    const answer = await askThrough(net("hub", deps, credential), { url }, signal);
    // The status is all that was asked for.
    answer.close();
    const { status } = answer;
    if (token !== null && (status === 401 || status === 403)) return { kind: "refuses-token" };
    if (status >= 500) return { kind: "fails", status };
    // Whoever the Hub leads to is not shown the token, and one that asks for a slower pace has not looked at it.
    return {
      kind: "answers",
      isTokenAccepted: token !== null && status === 200 && answer.url.origin === base.origin,
    };
  } catch (error) {
    if (error instanceof Fault) return { kind: "silent", why: error.message };
    throw error;
  }
}
