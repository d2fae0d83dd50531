import { type Finding, found } from "./finding.ts";

const withinMs = 5_000;

/** One request to the Hub. Being offline stops no build from a local folder, so it is a warning. */
export async function tryHub(endpoint: string, token: string | null, signal: AbortSignal): Promise<Finding> {
  const began = performance.now();
  try {
    const response = await fetch(`${endpoint}/api/${token === null ? "datasets?limit=1" : "whoami-v2"}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]),
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      redirect: "manual",
    });
    await response.body?.cancel();
    return judged(response.status, endpoint, token !== null, Math.round(performance.now() - began));
  } catch (error) {
    signal.throwIfAborted();
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return found("hub", `does not answer within 5 s: ${cause}`, {
      level: "warn",
      path: endpoint,
      remedy:
        "check the network, a proxy or HF_ENDPOINT; without it: --source DIR builds from a local folder",
    });
  }
}

function judged(status: number, endpoint: string, hasToken: boolean, ms: number): Finding {
  if (hasToken && (status === 401 || status === 403))
    return found("hub", `answers in ${ms} ms, and does not accept HF_TOKEN`, {
      level: "warn",
      path: endpoint,
      remedy: `make a new token at ${endpoint}/settings/tokens; public datasets need none`,
    });
  if (status >= 500)
    return found("hub", `answers with status ${status}`, {
      level: "warn",
      path: endpoint,
      remedy: "try again later; a build waits and tries again by itself",
    });
  return found("hub", `answers in ${ms} ms${hasToken ? ", HF_TOKEN accepted" : ""}`, { path: endpoint });
}
