import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { Failure } from "@shardmill/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiProblem } from "./api-problem.ts";
import { WrongTokens } from "./wrong-tokens.ts";

export interface GuardOptions {
  readonly host: string;
  readonly token: string | null;
  readonly allowedHosts: readonly string[];
  readonly wrongTokensPerMinute: number;
}

const loopbackNames = new Set(["localhost", "127.0.0.1", "::1"]);

function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Without a token the service is for this machine alone. */
export function mustBeSafe({ host, token }: Pick<GuardOptions, "host" | "token">): void {
  if (!isLoopback(host) && token === null) {
    throw new Failure("wrong_use", `listening on ${host} needs a token: others can reach that address`);
  }
  if (token !== null && token.length < 16) {
    throw new Failure("wrong_use", "expected a token of at least 16 characters");
  }
}

/**
 * Looks at every request before anything else does.
 * Host: a page elsewhere can let its own name point here (DNS rebinding), but cannot change the name that is sent.
 * Origin: a browser tells which page asks; only the service's own may.
 * Token: compared as hashes of one length, so that the time taken tells nothing.
 */
export function guard(options: GuardOptions): (request: FastifyRequest, reply: FastifyReply) => void {
  const expected = options.token === null ? null : digest(options.token);
  const wrong = new WrongTokens(options.wrongTokensPerMinute);
  return (request, reply) => {
    const host = request.headers.host ?? "";
    if (!isOwnHost(hostnameOf(host), options)) {
      throw new ApiProblem("foreign_host", "the request is addressed to a name that is not this service's");
    }
    const { origin } = request.headers;
    const site = request.headers["sec-fetch-site"];
    if ((origin !== undefined && originHost(origin) !== host) || site === "cross-site") {
      throw new ApiProblem("foreign_origin", "the request comes from a page of another address");
    }
    if (expected === null || isPublic(request)) return;
    const token = tokenOf(request);
    if (!timingSafeEqual(digest(token), expected)) refuse(request, reply, wrong, token !== "");
  };
}

function refuse(request: FastifyRequest, reply: FastifyReply, wrong: WrongTokens, hasToken: boolean): never {
  const waitS = wrong.count(request.ip, Date.now());
  if (waitS !== null) {
    reply.header("retry-after", waitS);
    throw new ApiProblem("rate_limited", "too many requests of this address without the service's token");
  }
  reply.header("www-authenticate", `Bearer realm="shardmill"${hasToken ? ', error="invalid_token"' : ""}`);
  throw new ApiProblem("unauthorized", "expected the service's token");
}

/**
 * Health for whoever keeps the service alive, and the page itself, which holds nothing and asks for the token. Judged by
 * the route that was found, not by the address as it was written.
 */
function isPublic({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url === "/healthz" || routeOptions.config.isPage === true;
}

function tokenOf(request: FastifyRequest): string {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function isOwnHost(name: string, { host, allowedHosts }: GuardOptions): boolean {
  if (name === host || loopbackNames.has(name) || allowedHosts.includes(name)) return true;
  // An address cannot be rebound: only names can.
  return !isLoopback(host) && isIP(name) !== 0;
}

function hostnameOf(host: string): string {
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d+$/, "")).toLowerCase();
}

function originHost(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** A file of the page: served without a token. */
    isPage?: boolean;
  }
}
