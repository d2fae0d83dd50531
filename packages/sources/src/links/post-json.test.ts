import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { postJson } from "./post-json.ts";

let server: Server;
let base: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let bodies: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      bodies.push(body);
      answer(request, response);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const { signal } = new AbortController();
const local = { timeoutMs: 5_000, hosts: ["127.0.0.1"], headers: { "x-one": "two" } };
const post = (url: string, settings: Parameters<typeof postJson>[2] = local) =>
  postJson(new URL(url), '{"a":1}', settings, signal);

it("tells a listed address, and follows no redirect", async () => {
  const seen: unknown[] = [];
  answer = ({ headers, method }, response) => {
    seen.push(method, headers["content-type"], headers["x-one"]);
    response.writeHead(204).end();
  };
  bodies = [];
  expect(await post(`${base}/hook`)).toEqual({ kind: "taken" });
  expect([seen, bodies]).toEqual([["POST", "application/json", "two"], ['{"a":1}']]);
  answer = (_, response) => void response.writeHead(307, { location: `${base}/other` }).end();
  expect(await post(base)).toEqual({ kind: "refused", why: "answered 307", isTransient: false });
  expect(bodies).toHaveLength(2);
});

it.each([
  [500, true],
  [429, true],
  [404, false],
])("an answer of %s may pass: %s", async (status, isTransient) => {
  answer = (_, response) => void response.writeHead(status).end();
  expect(await post(base)).toEqual({ kind: "refused", why: `answered ${status}`, isTransient });
});

it("tells nobody who is not listed, nor a listed name that leads into one's own networks", async () => {
  bodies = [];
  const names = {
    ...local,
    hosts: ["hooks.example"],
    resolve: async () => [{ address: "127.0.0.1", family: 4 as const }],
  };
  const { port } = new URL(base);
  expect(await post(base, names)).toMatchObject({ why: "its host is not listed", isTransient: false });
  expect(await post(`http://hooks.example:${port}/`, names)).toMatchObject({
    why: "its address is not public, and not listed itself",
  });
  expect(bodies).toEqual([]);
  const both = { ...names, hosts: ["hooks.example", "127.0.0.1"] };
  answer = (_, response) => void response.writeHead(200).end();
  expect(await post(`http://hooks.example:${port}/`, both)).toEqual({ kind: "taken" });
});

it("waits no longer than it is told to, and not for one who stops it", async () => {
  answer = () => undefined;
  expect(await post(base, { ...local, timeoutMs: 100 })).toMatchObject({
    why: "no answer within 100 ms",
    isTransient: true,
  });
  const stop = new AbortController();
  const told = postJson(new URL(base), "{}", local, stop.signal);
  stop.abort(new Error("enough"));
  await expect(told).rejects.toThrow("enough");
});
