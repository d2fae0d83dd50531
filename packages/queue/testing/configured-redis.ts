import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

export const hasRedisServer = spawnSync("redis-server", ["--version"]).status === 0;

export interface ConfiguredRedis {
  readonly port: number;
  /** Without user and password. */
  readonly url: string;
  /** One command, as whoever runs the server would give it. */
  ask(...words: string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** A real redis-server with these lines in its configuration. */
export async function startConfiguredRedis(
  lines: readonly string[],
  options: {
    readonly tls?: boolean;
    readonly sentinel?: boolean;
    /** Where it keeps its data; by default a folder that goes away with it. */
    readonly dir?: string;
  } = {},
): Promise<ConfiguredRedis> {
  const own = mkdtempSync(join(tmpdir(), "shardmill-redis-"));
  const dir = options.dir ?? own;
  const port = await freePort();
  const config = [
    ...["bind 127.0.0.1", `dir "${dir}"`, 'logfile ""'],
    ...(options.sentinel === true ? [] : ['save ""', "appendonly no"]),
    ...(options.tls === true ? ["port 0", `tls-port ${port}`, "tls-auth-clients no"] : [`port ${port}`]),
    ...lines,
  ];
  const file = join(own, "redis.conf");
  writeFileSync(file, `${config.join("\n")}\n`);
  const words = options.sentinel === true ? [file, "--sentinel"] : [file];
  const child = spawn("redis-server", words, { stdio: ["ignore", "ignore", "inherit"] });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await listening(port);
  return {
    port,
    url: `${options.tls === true ? "rediss" : "redis"}://127.0.0.1:${port}`,
    async ask(command = "PING", ...words) {
      const redis = new Redis(port, "127.0.0.1", { enableReadyCheck: false });
      try {
        return await redis.call(command, ...words);
      } finally {
        redis.disconnect();
      }
    },
    async close() {
      child.kill("SIGKILL");
      await gone;
      rmSync(own, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function listening(port: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (isUp) return;
    if (performance.now() > deadline) throw new Error(`no redis-server at port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
