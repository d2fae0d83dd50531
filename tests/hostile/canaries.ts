import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/**
 * What no build may touch: a file and an address. The file is a pipe: whoever opens it to read, however briefly, lets go
 * the writer that waits at its other end. The address counts connections, whatever they go on to say.
 */
export interface Canaries {
  readonly path: string;
  readonly url: string;
  readonly port: number;
  /** What has been touched so far. */
  touched(): string[];
  close(): Promise<void>;
}

export async function hangCanaries(folder: string): Promise<Canaries> {
  const path = join(folder, "canary.mp4");
  execFileSync("mkfifo", [path]);
  const touched: string[] = [];
  const writer = spawn("sh", ["-c", 'printf x > "$0"', path], { stdio: "ignore" });
  writer.once("exit", (code) => {
    if (code === 0) touched.push(path);
  });
  const server = createServer((_request, response) => response.end());
  server.on("connection", () => touched.push(`http://127.0.0.1:${portOf()}`));
  const portOf = () => (server.address() as AddressInfo).port;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    path,
    url: `http://127.0.0.1:${portOf()}`,
    port: portOf(),
    touched: () => [...touched],
    close: async () => {
      server.closeAllConnections();
      server.close();
      await ended(writer);
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
