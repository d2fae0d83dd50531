import { askRedis } from "./ask-redis.ts";

export interface ServerInfo {
  readonly version: string;
  readonly pid: number;
}

/** Version and process id of the server that accepts this password, as soon as it answers. */
export async function readServerInfo(server: {
  port: number;
  password: string;
  /** Settles when the server is gone. */
  ended: Promise<void>;
  withinMs: number;
}): Promise<ServerInfo> {
  let isGone = false;
  server.ended.then(() => {
    isGone = true;
  });
  const deadline = performance.now() + server.withinMs;
  for (;;) {
    try {
      const [, text] = await askRedis(server.port, [
        ["AUTH", server.password],
        ["INFO", "server"],
      ]);
      return parseServerInfo(text ?? "");
    } catch (cause) {
      // Refused until the server listens.
      if (isGone) throw new Error("the server ended before it answered", { cause });
      if (performance.now() > deadline) {
        throw new Error(`the server did not answer within ${server.withinMs} ms`, { cause });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export function parseServerInfo(text: string): ServerInfo {
  return {
    version: (/^valkey_version:(\S+)/m.exec(text) ?? /^redis_version:(\S+)/m.exec(text))?.[1] ?? "unknown",
    pid: Number(/^process_id:(\d+)/m.exec(text)?.[1] ?? 0),
  };
}
