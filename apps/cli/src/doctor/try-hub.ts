import { localRateGate, systemClock } from "@shardmill/core";
import { greetHub, type HubGreeting } from "@shardmill/sources";
import { type Finding, found, tried } from "./finding.ts";

const withinMs = 5_000;

/** One request to the Hub. Being offline stops no build from a local folder, so it is a warning. */
export async function tryHub(endpoint: string, token: string | null, signal: AbortSignal): Promise<Finding> {
  const remedy = "correct HF_ENDPOINT, or HF_TOKEN: a token is one word, and public datasets need none";
  const finding = await tried("hub", remedy, () => greet(endpoint, token, signal), "warn");
  // Being told to stop is nothing that the Hub did.
  signal.throwIfAborted();
  return finding;
}

async function greet(endpoint: string, token: string | null, signal: AbortSignal): Promise<Finding> {
  const deps = { gate: localRateGate(systemClock), clock: systemClock, idleTimeoutMs: withinMs };
  const began = performance.now();
  const greeting = await greetHub({ endpoint, token }, deps, signal);
  return judged(greeting, endpoint, Math.round(performance.now() - began));
}

function judged(greeting: HubGreeting, endpoint: string, ms: number): Finding {
  switch (greeting.kind) {
    case "answers":
      return found("hub", `answers in ${ms} ms${greeting.isTokenAccepted ? ", HF_TOKEN accepted" : ""}`, {
        path: endpoint,
      });
    case "refuses-token":
      return found("hub", `answers in ${ms} ms, and does not accept HF_TOKEN`, {
        level: "warn",
        path: endpoint,
        remedy: `make a new token at ${endpoint}/settings/tokens; public datasets need none`,
      });
    case "fails":
      return found("hub", `answers with status ${greeting.status}`, {
        level: "warn",
        path: endpoint,
        remedy: "try again later; a build waits and tries again by itself",
      });
    case "silent":
      return found("hub", `does not answer: ${greeting.why}`, {
        level: "warn",
        path: endpoint,
        remedy:
          "check the network, a proxy or HF_ENDPOINT; without it: --source DIR builds from a local folder",
      });
    default:
      return greeting satisfies never;
  }
}
