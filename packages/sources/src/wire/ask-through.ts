import { Failure } from "@shardmill/core";
import { type Answer, ask, type Question } from "./ask.ts";
import { Fault } from "./fault.ts";
import type { Net } from "./net.ts";
import { type RedirectProblem, redirectProblems, walkRedirects } from "./walk-redirects.ts";

/** What is looked at on the way through redirects. */
type OnRedirect = (answer: Answer, next: URL) => Promise<void> | void;

/** `ask`, and whatever its redirects lead to. */
export function askThrough(
  net: Net,
  question: Question,
  signal: AbortSignal,
  onRedirect?: OnRedirect,
): Promise<Answer> {
  return walkRedirects<Answer>(question.url, {
    ask: (url) => ask(net, { ...question, url }, signal),
    lookAt: ({ status, headers }) => ({ status, location: headers.get("location") }),
    leave: (answer) => answer.drain(),
    refuse: (problem, { host }) => refusal(net, problem, host),
    ...(onRedirect && { onRedirect }),
  });
}

/** A server that sends us to a less safe place means it; anything else may be a sick cache. */
function refusal({ source }: Net, problem: RedirectProblem, host: string): Fault | Failure {
  const words = redirectProblems[problem];
  if (problem !== "away_from_https" && problem !== "not_http")
    return new Fault("invalid_answer", host, words);
  return new Failure("source_invalid", `${source}: ${words}`, { retry: "never" });
}
