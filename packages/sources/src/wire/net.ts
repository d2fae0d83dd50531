import { type Clock, Failure, type RateGate } from "@shardmill/core";
import type { SourceIncident } from "./incident.ts";
import type { Bandwidth } from "./limit-bandwidth.ts";
import type { SourceDeps } from "./source-deps.ts";

/** SourceDeps with every default filled in, and the name of the source that uses them. */
export interface Net {
  readonly source: string;
  readonly gate: RateGate;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly bandwidth: Bandwidth | null;
  readonly onIncident: (incident: SourceIncident) => void;
  readonly idleTimeoutMs: number;
  readonly maxAttempts: number;
  readonly firstBackoffMs: number;
  readonly random: () => number;
  /** The only origin that gets the token. */
  readonly credential: { readonly origin: string; readonly token: string } | null;
}

export function net(source: string, deps: SourceDeps, credential: Net["credential"]): Net {
  return {
    source,
    gate: deps.gate,
    clock: deps.clock,
    fetch: deps.fetch ?? fetch,
    bandwidth: deps.bandwidth ?? null,
    onIncident: deps.onIncident ?? (() => undefined),
    idleTimeoutMs: deps.idleTimeoutMs ?? 30_000,
    maxAttempts: deps.maxAttempts ?? 8,
    firstBackoffMs: deps.firstBackoffMs ?? 500,
    random: deps.random ?? Math.random,
    credential,
  };
}

/** An address that a person or a listing gave; a bad one is a clear Failure. */
export function parseAddress(text: string, source: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new Failure("wrong_use", `expected an http or https address for ${source}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new Failure("wrong_use", `the address of ${source} must not hold a user name or password`);
  }
  return url;
}

/** `a b/c#1` -> `a%20b/c%231`. A path that climbs would leave the source, so there is none. */
export function encodePath(path: string, source: string): string {
  const segments = path.split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw new Failure("source_invalid", `${source} names a file that no path can name`, {
      retry: "never",
      where: { path },
    });
  }
  return segments.map(encodeURIComponent).join("/");
}
