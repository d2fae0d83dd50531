import { Failure, type Where } from "@shardmill/core";
import type { Answer } from "./ask.ts";
import { Fault } from "./fault.ts";
import type { Net } from "./net.ts";
import { isTransientStatus } from "./retry-rule.ts";
import { waitAskedMs } from "./wait-asked.ts";

/** What a request was about; for messages. */
export interface Subject {
  readonly path: string | null;
  readonly revision: string | null;
  /** The page where a gated repository's terms are accepted. */
  readonly page: string | null;
}

/**
 * The error that an answer other than 2xx and 3xx means: a Fault where trying again can help, a Failure where it cannot.
 * The Hub's X-Error-Code decides before the status, since a missing repository answers 401 to the anonymous.
 */
export function judgeAnswer(net: Net, answer: Answer, subject: Subject): Fault | Failure {
  const { status, headers, url } = answer;
  const waitMs = waitAskedMs(headers, net.clock.now());
  if (status === 429) return new Fault("rate_limited", url.host, "asked for a slower pace (429)", waitMs);
  if (isTransientStatus(status)) {
    return new Fault("server_error", url.host, `answered ${status}`, waitMs);
  }
  return refusal(net, answer, subject);
}

function refusal(net: Net, answer: Answer, subject: Subject): Failure {
  const { status, headers, url } = answer;
  const { path, revision } = subject;
  const what = path === null ? net.source : `${path} of ${net.source}`;
  const where = { ...(path === null ? {} : { path }), url: `${url.origin}${url.pathname}` };
  const hasToken = net.credential !== null && url.origin === net.credential.origin;
  switch (headers.get("x-error-code")) {
    case "GatedRepo":
      return gated(net.source, { status, hasToken, page: subject.page }, where);
    case "RevisionNotFound":
      return new Failure("source_not_found", `${net.source} has no revision ${revision ?? "like this"}`, {
        where,
      });
    case "EntryNotFound":
      return new Failure("source_not_found", `${net.source} has no file ${path ?? "like this"}`, { where });
  }
  if (status === 404 || status === 410 || status === 451) {
    return new Failure("source_not_found", `${what} does not exist (${status})`, { where });
  }
  if (status === 401 || status === 403) {
    const guess = hasToken ? "the token is not accepted for it" : "it is private or does not exist";
    return new Failure("source_unauthorized", `${what} is refused (${status}): ${guess}`, { where });
  }
  return new Failure("source_invalid", `${what}: unexpected answer ${status}`, { where, retry: "never" });
}

function gated(
  source: string,
  { status, hasToken, page }: { status: number; hasToken: boolean; page: string | null },
  where: Where,
): Failure {
  const terms = page === null ? "" : `; accept its terms at ${page}`;
  if (status === 401 && hasToken) {
    return new Failure("source_unauthorized", `${source} is gated and the token is not valid${terms}`, {
      where,
    });
  }
  const lacking = hasToken ? "the token's account has no access to it yet" : "no token is set";
  return new Failure("source_gated", `${source} is gated and ${lacking}${terms}`, { where });
}
