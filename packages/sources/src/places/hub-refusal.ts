import { Failure } from "@shardmill/core";
import type { Net } from "../wire/net.ts";
import type { Reply } from "../wire/send.ts";

interface Refused {
  readonly url: URL;
  readonly path: string | null;
  readonly reply: Reply;
}

/** The Failure that an answer means to somebody who writes to a repository. */
export function refusalOf(net: Net, { url, path, reply }: Refused): Failure {
  const { status } = reply;
  const what = path === null ? net.source : `${path} of ${net.source}`;
  const where = { ...(path === null ? {} : { path }), url: `${url.origin}${url.pathname}` };
  const said = wordsOf(net, reply);
  const says = said === null ? "" : `; the Hub says: ${said}`;
  if (status >= 300 && status < 400)
    return new Failure("source_not_found", `${net.source} has moved to another name (${status})`, { where });
  switch (status) {
    case 401:
      return net.credential === null
        ? new Failure("source_unauthorized", `${what} is refused (401): no token is set`, { where })
        : new Failure("source_unauthorized", `${what} is refused (401): the token is not valid`, { where });
    case 403:
      return new Failure("push_refused", `${what} is refused (403): the token may not write it${says}`, {
        where,
      });
    case 402:
    case 413:
    case 507:
      return new Failure("push_refused", `${what} is refused (${status}): no room is left for it${says}`, {
        where,
      });
    case 404:
      return new Failure("source_not_found", `${what} does not exist (404)${says}`, { where });
    case 412:
      return new Failure("push_overtaken", `${what}: the branch is not what it was (412)`, { where });
    default:
      return new Failure("source_invalid", `${what}: unexpected answer ${status}${says}`, {
        where,
        retry: "never",
      });
  }
}

const longestWords = 200;

/** What the server says for people, in one line; a server that repeats the token is not repeated. */
function wordsOf({ credential }: Net, { value }: Reply): string | null {
  if (typeof value !== "object" || value === null) return null;
  const said = "error" in value ? value.error : "message" in value ? value.message : null;
  if (typeof said !== "string") return null;
  const hidden = credential === null ? said : said.replaceAll(credential.token, "[token]");
  return hidden.replace(/\s+/g, " ").trim().slice(0, longestWords);
}
