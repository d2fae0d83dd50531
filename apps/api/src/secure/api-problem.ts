import { Failure } from "@shardmill/core";
import type { Problem } from "../contract/index.ts";

/** Codes of this interface beside those of core/codes.ts: they speak of a request, not of the work. */
export const requestCodes = {
  not_found: {
    status: 404,
    remedy: "look at the list it should be in; names are those of the API's own answers",
  },
  bad_request: { status: 400, remedy: "compare the request with /openapi.json" },
  method_not_allowed: { status: 405, remedy: "use one of the methods that Allow names" },
  unauthorized: {
    status: 401,
    remedy: "send the token that the service was started with: Authorization: Bearer ...",
  },
  foreign_origin: { status: 403, remedy: "open the page from the service's own address" },
  foreign_host: {
    status: 421,
    remedy: "use the address that the service listens on, or allow the name at its start",
  },
  rate_limited: { status: 429, remedy: "wait as long as Retry-After says" },
  body_too_large: { status: 413, remedy: "send less; requests are small" },
  media_type: { status: 415, remedy: "send application/json" },
  busy: {
    status: 503,
    remedy:
      "close pages that are open elsewhere; without live events, ask the other routes again from time to time",
  },
  at_work: { status: 409, remedy: "wait until the request before it is planned" },
  at_rest: { status: 409, remedy: "ask for what is missing first" },
  internal: { status: 500, remedy: "look at the service's log; report it: this is a bug" },
} as const;
export type RequestCode = keyof typeof requestCodes;

/** A request that cannot be served; thrown by handlers, answered as {code, message, remedy}. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: RequestCode;

  constructor(code: RequestCode, message: string) {
    super(message);
    this.code = code;
  }

  static notFound(message: string): ApiProblem {
    return new ApiProblem("not_found", message);
  }

  get status(): number {
    return requestCodes[this.code].status;
  }

  toJSON(): Problem {
    return { code: this.code, message: this.message, remedy: requestCodes[this.code].remedy };
  }
}

/** A malformed text that a schema could not judge, such as `--parts 3-1`. */
export function wrongUse(message: string): Failure {
  return new Failure("wrong_use", message);
}
