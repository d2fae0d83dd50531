/** Why a redirect is not followed. */
export type RedirectProblem =
  | "no_address"
  | "unreadable_address"
  | "not_http"
  | "user_name"
  | "away_from_https"
  | "loop"
  | "too_many";

/** How one kind of request walks: what it asks with, and what it makes of an answer and of a redirect that is refused. */
export interface RedirectWalk<Answer> {
  /** One request, which follows nothing itself. What must not be visited is refused in here, at each address anew. */
  readonly ask: (url: URL) => Promise<Answer>;
  readonly lookAt: (answer: Answer) => { readonly status: number; readonly location: string | null };
  /** Ends a redirecting answer: nobody reads its body. */
  readonly leave: (answer: Answer) => Promise<void> | void;
  /** Told of a redirect before its address is asked; may refuse it by throwing. */
  readonly onRedirect?: (answer: Answer, next: URL) => Promise<void> | void;
  /** What is thrown instead of following; `from` is the address that answered with the redirect. */
  readonly refuse: (problem: RedirectProblem, from: URL, answer: Answer) => Error;
  /** Links of strangers lead from https to http as a browser would follow them; a source's file must not. */
  readonly mayLeaveHttps?: boolean;
  readonly maxRedirects?: number;
}

/**
 * The first answer that is no redirect. Everything that is fetched from the web goes this way: at most five redirects,
 * relative to the address that gave them, to http and https only, none twice, none that holds a user name, none from
 * https to http. No cookie is kept, and what the first address is told in confidence is told to no other host: whoever asks
 * (`ask.ts`) adds a credential by the address it is about to ask.
 */
export async function walkRedirects<Answer>(start: URL, walk: RedirectWalk<Answer>): Promise<Answer> {
  const visited = new Set([start.href]);
  let url = start;
  for (;;) {
    const answer = await walk.ask(url);
    const { status, location } = walk.lookAt(answer);
    if (status < 300 || status > 399) return answer;
    try {
      const next = nextAddress(url, location, visited, walk);
      if (typeof next === "string") throw walk.refuse(next, url, answer);
      await walk.onRedirect?.(answer, next);
      visited.add(next.href);
      url = next;
    } finally {
      await walk.leave(answer);
    }
  }
}

function nextAddress(
  from: URL,
  location: string | null,
  visited: ReadonlySet<string>,
  { mayLeaveHttps, maxRedirects }: Pick<RedirectWalk<never>, "mayLeaveHttps" | "maxRedirects">,
): URL | RedirectProblem {
  if (location === null) return "no_address";
  if (!URL.canParse(location, from.href)) return "unreadable_address";
  const next = new URL(location, from);
  if (next.protocol !== "http:" && next.protocol !== "https:") return "not_http";
  if (next.username !== "" || next.password !== "") return "user_name";
  const isDowngrade = from.protocol === "https:" && next.protocol === "http:";
  if (isDowngrade && mayLeaveHttps !== true) return "away_from_https";
  if (visited.has(next.href)) return "loop";
  return visited.size > (maxRedirects ?? 5) ? "too_many" : next;
}

/** For messages. */
export const redirectProblems: Readonly<Record<RedirectProblem, string>> = {
  no_address: "a redirect without an address",
  unreadable_address: "a redirect without a usable address",
  not_http: "a redirect to what is no http address",
  user_name: "a redirect to an address that holds a user name",
  away_from_https: "redirected away from https",
  loop: "redirects in a circle",
  too_many: "too many redirects",
};
