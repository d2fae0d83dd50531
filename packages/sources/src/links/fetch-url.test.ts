import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { type FetchUrlSettings, fetchUrl } from "../index.ts";

const signal = new AbortController().signal;
const limits = { maxBytes: 1000, timeoutMs: 2000, allowPrivate: true };

let server: Server | null = null;
let asked: string[] = [];
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
  asked = [];
});

async function serve(handler: RequestListener): Promise<string> {
  const started = createServer((request, response) => {
    asked.push(request.url ?? "");
    handler(request, response);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

async function codeOf(url: string, settings: FetchUrlSettings = limits): Promise<string> {
  const fetched = await fetchUrl(url, settings, signal);
  return fetched.kind === "bytes" ? `bytes ${Buffer.from(fetched.bytes).toString()}` : fetched.rejection.code;
}

it("gives the bytes and their type, over redirects", async () => {
  const base = await serve((request, response) => {
    if (request.url === "/from") response.writeHead(302, { location: "/to" }).end();
    else response.writeHead(200, { "content-type": "image/png" }).end("png");
  });
  expect(await fetchUrl(`${base}/from`, limits, signal)).toMatchObject({
    kind: "bytes",
    contentType: "image/png",
  });
  expect(await codeOf(`${base}/to`)).toBe("bytes png");
});

it("refuses what is no public http address, without a connection", async () => {
  const base = await serve((_, response) => void response.end("secret"));
  const strict = { maxBytes: 1000, timeoutMs: 2000 };
  const port = new URL(base).port;
  const refused = [
    base,
    `http://0x7f.1:${port}/`,
    `http://2130706433:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://0177.0.0.1:${port}/`,
    `http://127.1:${port}/`,
    `http://0x7f000001:${port}/`,
    `http://0:${port}/`,
    `http://[::7f00:1]:${port}/`,
    `http://[0:0:0:0:0:ffff:7f00:1]:${port}/`,
    `http://[64:ff9b::7f00:1]:${port}/`,
    `http://[fe80::1%25lo]:${port}/`,
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "ftp://example.com/x",
    "http://user:pass@example.com/",
    "no address",
  ];
  for (const url of refused) expect([url, await codeOf(url, strict)]).toEqual([url, "url_refused"]);
  expect(asked).toEqual([]);
});

it("refuses a name that resolves to a private address, and connects to no other than the checked one", async () => {
  const base = await serve((_, response) => void response.end("secret"));
  const port = new URL(base).port;
  const resolve = async () => [{ address: "127.0.0.1", family: 4 as const }];
  expect(await codeOf(`http://images.example:${port}/`, { maxBytes: 1000, timeoutMs: 2000, resolve })).toBe(
    "url_refused",
  );
  expect(asked).toEqual([]);
  // Control: the same name is fetched where private addresses are allowed, so it was the check that refused it.
  expect(await codeOf(`http://images.example:${port}/`, { ...limits, resolve })).toBe("bytes secret");
});

it("asks a circle of redirects for no address twice, and follows at most five others", async () => {
  const base = await serve((request, response) => {
    const [, kind, at] = /^\/(\w+)\/(\d+)$/.exec(request.url ?? "") ?? [];
    const next = kind === "circle" ? (Number(at) + 1) % 3 : Number(at) + 1;
    response.writeHead(302, { location: `${next}` }).end();
  });
  expect(await codeOf(`${base}/circle/0`)).toBe("url_dead");
  expect(asked).toEqual(["/circle/0", "/circle/1", "/circle/2"]);
  asked = [];
  expect(await codeOf(`${base}/chain/0`)).toBe("url_dead");
  expect(asked).toHaveLength(6);
});

it("checks where a redirect leads", async () => {
  const base = await serve(
    (_, response) => void response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  );
  expect(await codeOf(base)).toBe("url_refused");
});

it("bounds the size, declared or not, packed or not", async () => {
  const base = await serve((request, response) => {
    if (request.url === "/declared")
      response.writeHead(200, { "content-length": 5000 }).end(Buffer.alloc(5000));
    else if (request.url === "/packed") {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(1_000_000)));
    } else if (request.url === "/small-packed") {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("fine"));
    } else {
      response.writeHead(200);
      for (let sent = 0; sent < 50; sent += 1) response.write(Buffer.alloc(100));
      response.end();
    }
  });
  expect(await codeOf(`${base}/declared`)).toBe("too_large");
  expect(await codeOf(`${base}/chunked`)).toBe("too_large");
  expect(await codeOf(`${base}/packed`)).toBe("too_large");
  expect(await codeOf(`${base}/small-packed`)).toBe("bytes fine");
});

it("says url_dead for errors, cuts, silence, endless redirects and closed ports, and shows no query", async () => {
  const base = await serve((request, response) => {
    if (request.url === "/404?key=secret") response.writeHead(404).end();
    else if (request.url === "/cut") {
      response.writeHead(200, { "content-length": 100 }).write("x");
      setImmediate(() => response.destroy());
    } else if (request.url === "/loop") response.writeHead(302, { location: "/loop" }).end();
  });
  const missing = await fetchUrl(`${base}/404?key=secret`, limits, signal);
  expect(missing).toMatchObject({ kind: "rejected", rejection: { code: "url_dead" } });
  expect(JSON.stringify(missing)).not.toContain("secret");
  expect(await codeOf(`${base}/cut`)).toBe("url_dead");
  expect(await codeOf(`${base}/loop`)).toBe("url_dead");
  expect(await codeOf(`${base}/silence`, { ...limits, timeoutMs: 150 })).toBe("url_dead");
  expect(await codeOf("http://127.0.0.1:1/")).toBe("url_dead");
});

it("says what may pass at once, and how long the other side wants us to wait", async () => {
  const base = await serve((request, response) => {
    const status = Number(request.url?.slice(1));
    response.writeHead(status, status === 429 ? { "retry-after": "7" } : {}).end();
  });
  const rejected = async (url: string) => {
    const { isTransient, waitMs } = (await fetchUrl(url, limits, signal)) as never;
    return [isTransient, waitMs];
  };
  expect(await rejected(`${base}/404`)).toEqual([false, null]);
  expect(await rejected(`${base}/503`)).toEqual([true, null]);
  expect(await rejected(`${base}/429`)).toEqual([true, 7000]);
  expect(await rejected("http://127.0.0.1:1/")).toEqual([false, null]);
});

it("lets no time pass for a link whose body we hold back ourselves", async () => {
  const base = await serve((_, response) => void response.end(Buffer.alloc(900)));
  let release = (): void => undefined;
  let held = 0;
  const fetching = fetchUrl(
    base,
    {
      ...limits,
      timeoutMs: 1000,
      admit: async (bytes) => {
        held = bytes;
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      },
    },
    signal,
  );
  await expect.poll(() => held).toBe(900);
  // Longer than the link may take: its clock stands.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  release();
  expect(await fetching).toMatchObject({ kind: "bytes" });
});

it("throws the reason when cancelled, which is no rejection", async () => {
  const base = await serve(() => undefined);
  const controller = new AbortController();
  const fetching = fetchUrl(base, limits, controller.signal);
  await expect.poll(() => asked.length).toBe(1);
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(fetching).rejects.toBe(reason);
});
