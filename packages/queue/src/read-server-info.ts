import { Redis } from "ioredis";

/** Version and process id of the server that accepts this password, as soon as it answers. */
export async function readServerInfo(server: {
  port: number;
  password: string;
  ended: Promise<void>;
  withinMs: number;
}): Promise<{ version: string; pid: number }> {
  const redis = new Redis({
    host: "127.0.0.1",
    port: server.port,
    password: server.password,
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 20,
  });
  // Refused connections are expected until the server listens; the deadline and its end decide.
  redis.on("error", () => {});
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, fail) => {
    timer = setTimeout(
      () => fail(new Error(`the server did not answer within ${server.withinMs} ms`)),
      server.withinMs,
    );
  });
  const gone = server.ended.then(() => {
    throw new Error("the server ended before it answered");
  });
  gone.catch(() => {});
  try {
    redis.connect().catch(() => {});
    const text = await Promise.race([redis.info("server"), tooLate, gone]);
    return {
      version: /^(?:valkey|redis)_version:(\S+)/m.exec(text)?.[1] ?? "unknown",
      pid: Number(/^process_id:(\d+)/m.exec(text)?.[1] ?? 0),
    };
  } finally {
    clearTimeout(timer);
    redis.disconnect();
  }
}
