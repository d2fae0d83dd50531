import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import { localRateGate, systemClock } from "@shardmill/core";
import { afterEach, expect, it } from "vitest";
import { greetHub, type HubGreeting } from "../index.ts";

const servers: Server[] = [];
const signal = new AbortController().signal;
const asked: { readonly url: string | undefined; readonly headers: IncomingHttpHeaders }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  asked.length = 0;
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers });
    listener(request, response);
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

function greet(endpoint: string, token: string | null = null, stop = signal): Promise<HubGreeting> {
  const deps = { gate: localRateGate(systemClock), clock: systemClock, idleTimeoutMs: 200 };
  return greetHub({ endpoint, token }, deps, stop);
}

const answering =
  (status: number): RequestListener =>
  (_, response) =>
    response.writeHead(status, { "retry-after": "60" }).end("{}");

it("asks a public question without a token, and whose the token is with one", async () => {
  const endpoint = await serve(answering(200));
  expect(await greet(`${endpoint}/mirror/`)).toEqual({ kind: "answers", isTokenAccepted: false });
  expect(await greet(endpoint, " hf_secret\n")).toEqual({ kind: "answers", isTokenAccepted: true });
  expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ["/mirror/api/datasets?limit=1", undefined],
    ["/api/whoami-v2", "Bearer hf_secret"],
  ]);
});

it("asks once, whatever the answer, and waits for nobody", async () => {
  for (const [status, greeting] of [
    [401, { kind: "refuses-token" }],
    [403, { kind: "refuses-token" }],
    [429, { kind: "answers", isTokenAccepted: false }],
    [503, { kind: "fails", status: 503 }],
  ] as const) {
    asked.length = 0;
    expect(await greet(await serve(answering(status)), "hf_secret")).toEqual(greeting);
    expect(asked).toHaveLength(1);
  }
});

it("is not answered where nobody listens, or where somebody listens and says nothing", async () => {
  const endpoint = await serve(() => undefined);
  expect(await greet(endpoint)).toEqual({ kind: "silent", why: "no byte for 200 ms" });
  const closed = once(servers[0]!, "close");
  servers[0]!.closeAllConnections();
  servers[0]!.close();
  await closed;
  expect(await greet(endpoint)).toEqual({ kind: "silent", why: "ECONNREFUSED" });
});

it("gives the token to nobody whom the Hub leads to", async () => {
  const other = await serve(answering(200));
  const hub = await serve((_, response) => response.writeHead(302, { location: `${other}/login` }).end());
  expect(await greet(hub, "hf_secret")).toEqual({ kind: "answers", isTokenAccepted: false });
  expect(asked.map(({ headers }) => headers.authorization)).toEqual(["Bearer hf_secret", undefined]);
});

it("refuses a token that is none, without showing it", async () => {
  const failure = { code: "source_unauthorized", message: "expected a token, found other text" };
  await expect(greet("http://127.0.0.1:9", "hf_secret\nhf_other")).rejects.toMatchObject(failure);
});

it("ends when it is aborted", async () => {
  const stop = new AbortController();
  const endpoint = await serve(() => stop.abort(new Error("Ctrl-C")));
  await expect(greet(endpoint, null, stop.signal)).rejects.toThrow("Ctrl-C");
});
