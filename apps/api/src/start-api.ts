import type { AddressInfo } from "node:net";
import { Failure } from "@shardmill/core";
import type { ApiOptions, RunningApi } from "./api-options.ts";
import { buildApi } from "./build-api.ts";

/** Starts the service. A Failure says in one line why it cannot listen. */
export async function startApi({ port, ...deps }: ApiOptions): Promise<RunningApi> {
  const { app, close } = await buildApi(deps);
  try {
    await app.listen({ host: deps.host, port });
  } catch (cause) {
    await close();
    throw new Failure("wrong_use", `cannot listen on ${deps.host}:${port}: ${reasonOf(cause)}`, { cause });
  }
  const address = app.server.address() as AddressInfo | null;
  const host = deps.host.includes(":") ? `[${deps.host}]` : deps.host;
  return { url: `http://${host}:${address?.port ?? port}`, close };
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "EADDRINUSE") return "something else listens there; give another --port";
  return cause instanceof Error ? cause.message : String(cause);
}
