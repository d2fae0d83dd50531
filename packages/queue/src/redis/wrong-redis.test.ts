import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import {
  type ConfiguredRedis,
  hasRedisServer,
  startConfiguredRedis,
} from "../../testing/configured-redis.ts";
import { connectQueue } from "../connect-queue.ts";

const open: ConfiguredRedis[] = [];
async function redisWith(
  lines: readonly string[],
  options: Parameters<typeof startConfiguredRedis>[1] = {},
): Promise<ConfiguredRedis> {
  const redis = await startConfiguredRedis(lines, options);
  open.push(redis);
  return redis;
}
afterAll(() => Promise.all(open.map((redis) => redis.close())));

/** What a person is told; the queue is never opened. */
async function refusedAt(url: string, use: "write" | "read" = "write"): Promise<string> {
  const refusal = await connectQueue({ url, use, connectWithinMs: 3_000 }).then(
    async (queue) => {
      await queue.close();
      throw new Error("it was opened");
    },
    (error: unknown) => error,
  );
  expect(refusal).toMatchObject({ code: "queue_unfit" });
  expect(String(refusal)).not.toContain("\n");
  expect(String(refusal)).not.toContain("wrong-secret");
  return refusal instanceof Error ? refusal.message : "";
}

if (!hasRedisServer) console.warn("redis-server is not installed: wrong configurations are not tried");

describe.skipIf(!hasRedisServer)("a Redis that cannot hold the queue is told in one line:", () => {
  it("a cluster", async () => {
    const { url } = await redisWith(["cluster-enabled yes"]);
    expect(await refusedAt(url)).toMatch(
      /^Redis at redis:\/\/127\.0\.0\.1:\d+ is a cluster, .*single server$/,
    );
  });

  it("a Sentinel", async () => {
    const { url } = await redisWith(["sentinel monitor main 127.0.0.1 9 1"], { sentinel: true });
    expect(await refusedAt(url)).toMatch(/is a Sentinel: name the server itself/);
  });

  it("a full one, which those who only look may use", async () => {
    const { url } = await redisWith(["maxmemory 1", "maxmemory-policy noeviction"]);
    expect(await refusedAt(url)).toMatch(/is full \(OOM\): raise its maxmemory/);
    const queue = await connectQueue({ url, use: "read" });
    expect((await queue.jobsOf("b")).waiting).toEqual([]);
    expect(await queue.workers()).toEqual([]);
    await queue.close();
  });

  it("a replica, read-only or not", async () => {
    const primary = await redisWith([]);
    const replica = await redisWith([`replicaof 127.0.0.1 ${primary.port}`]);
    expect(await refusedAt(replica.url)).toContain(`is a replica of 127.0.0.1:${primary.port}`);
    await replica.ask("CONFIG", "SET", "replica-read-only", "no");
    expect(await refusedAt(replica.url)).toContain("is a replica of");
  });

  it("a database that it does not have", async () => {
    const { url } = await redisWith(["databases 2"]);
    expect(await refusedAt(`${url}/99`)).toMatch(/\/99 has no database of that number/);
    const queue = await connectQueue({ url: `${url}/1` });
    await queue.close();
  });

  it("no password, a wrong one, a user that may not", async () => {
    const { url, port } = await redisWith([
      "requirepass right-secret",
      "user looker on >looker-secret ~* &* +@read +info +ping",
      "user narrow on >narrow-secret ~other:* &* +@all",
      "user deaf on >deaf-secret ~* resetchannels +@all",
    ]);
    expect(await refusedAt(url)).toMatch(/asks for a password \(NOAUTH\)/);
    expect(await refusedAt(`redis://:wrong-secret@127.0.0.1:${port}`)).toMatch(/\(WRONGPASS\)/);
    for (const user of ["looker", "narrow", "deaf"])
      expect(await refusedAt(`redis://${user}:${user}-secret@127.0.0.1:${port}`)).toMatch(
        /\(NOPERM for [A-Z]+\)/,
      );
  });

  it.each([
    ["-@blocking", /\(NOPERM for BZPOPMIN\): allow it \+@all/],
    ["-xadd", /XADD.*: allow (it|its user) \+@all/],
    ["-zadd", /ZADD.*: allow (it|its user) \+@all/],
    ["-hset", /HSET.*: allow (it|its user) \+@all/],
    ["-multi", /\(NOPERM for MULTI\)/],
    ["-eval", /\(NOPERM for EVAL\)/],
    ["-evalsha", /\(NOPERM for EVALSHA\)/],
    ["-publish", /\(NOPERM for PUBLISH\)/],
    ["-subscribe", /\(NOPERM for SUBSCRIBE\)/],
  ])("a user that lacks one thing: %s", async (right, expected) => {
    const { port, ask } = await redisWith([
      `user nearly on >nearly-secret ~shardmill* &shardmill* +@all ${right}`,
    ]);
    expect(await refusedAt(`redis://nearly:nearly-secret@127.0.0.1:${port}`)).toMatch(expected);
    const whole = await connectQueue({ url: `redis://127.0.0.1:${port}` });
    await whole.close();
    // What is left of the trial goes by itself.
    for (const key of String(await ask("KEYS", "*trial*"))
      .split(",")
      .filter(Boolean))
      expect(await ask("PTTL", key)).not.toBe(-1);
  });

  it("a command that is renamed away", async () => {
    const { url } = await redisWith(['rename-command XADD ""']);
    expect(await refusedAt(url)).toMatch(/refuses XADD inside scripts: .*rename no command/);
  });

  it("one without AUTH, and never with the password that it says back", async () => {
    const { url, port } = await redisWith([
      "requirepass other",
      'rename-command AUTH ""',
      'rename-command HELLO ""',
      'rename-command PUBLISH ""',
    ]);
    const errors: unknown[] = [];
    const secret = "s3cret%2Fpw";
    for (const user of ["", "jane-doe"]) {
      const failure: unknown = await connectQueue({
        url: `redis://${user}:${secret}@127.0.0.1:${port}`,
        connectWithinMs: 3_000,
        onError: (error) => errors.push(error),
      }).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: "queue_unfit",
        message: expect.stringMatching(/refuses (AUTH|HELLO) \(ERR\): its configuration/),
      });
      errors.push(failure);
    }
    expect(errors.length).toBeGreaterThan(2);
    // Depth and hidden properties included: this is what loggers write out.
    const written = inspect(errors, { depth: 9, showHidden: true });
    for (const word of ["s3cret", "jane-doe"]) expect(written).not.toContain(word);
    expect(await refusedAt(url)).toMatch(/NOAUTH/);
  });

  it("TLS where none is spoken, none where it is, and a certificate that nobody knows", async () => {
    const plain = await redisWith([]);
    expect(await refusedAt(plain.url.replace("redis:", "rediss:"))).toMatch(/does not speak TLS/);
    const dir = mkdtempSync(join(tmpdir(), "shardmill-tls-"));
    const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
    const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
    execFileSync("openssl", [...words, "-keyout", key, "-out", cert], { stdio: "ignore" });
    const secure = await redisWith(
      [`tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${cert}`],
      {
        tls: true,
      },
    );
    expect(await refusedAt(secure.url)).toMatch(
      /certificate that is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
    );
    expect(await refusedAt(secure.url.replace("rediss:", "redis:"))).toMatch(/speaks TLS: write rediss/);
    rmSync(dir, { recursive: true });
  });

  it("one that loads its data, which is waited for where that can be said", async () => {
    const dir = mkdtempSync(join(tmpdir(), "shardmill-loading-"));
    const before = await redisWith(["rdbcompression no"], { dir });
    await before.ask("EVAL", "for i = 1, 1500 do redis.call('SET', i, string.rep('x', 500)) end", "0");
    await before.ask("SAVE");
    await before.close();
    // Microseconds a key, and bytes between two looks at the network.
    const { url } = await redisWith(["key-load-delay 2000", "loading-process-events-interval-bytes 1024"], {
      dir,
    });
    const hasty = await connectQueue({ url, connectWithinMs: 500 }).catch((error: unknown) => error);
    expect(hasty).toMatchObject({ code: "queue_unfit", message: expect.stringMatching(/\(LOADING\)$/) });
    const told: (string | null)[] = [];
    const queue = await connectQueue({ url, connectWithinMs: 2_000, onRefusal: (why) => told.push(why) });
    expect(told).toEqual([expect.stringMatching(/is still loading its data/), null]);
    expect(await queue.workers()).toEqual([]);
    await queue.close();
    rmSync(dir, { recursive: true });
  });

  it("one that drops keys when it is full is used, and said", async () => {
    const { url } = await redisWith(["maxmemory 100mb", "maxmemory-policy allkeys-lru"]);
    const queue = await connectQueue({ url });
    expect(queue.notice).toMatch(/drops keys when it is full \(maxmemory-policy allkeys-lru\).*noeviction/);
    await queue.close();
  });
});

describe("what is no Redis is told in one line:", () => {
  it("a web server", async () => {
    const web = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const address = web.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(await refusedAt(`redis://127.0.0.1:${port}/3`)).toMatch(
      /is no Redis: something else answers there/,
    );
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
  });

  it.each([
    ["redis://127.0.0.1:6379/words", /number of a database/],
    ["redis://:50%@127.0.0.1:6379", /written %25/],
    ["/var/run/redis.sock", /such as redis:\/\/host:6379/],
  ])("the address %s", async (url, expected) => {
    await expect(connectQueue({ url })).rejects.toMatchObject({
      code: "wrong_use",
      message: expect.stringMatching(expected),
    });
  });
});
