import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));

export interface ServiceOptions {
  readonly more?: readonly string[];
  /** Beside the developer's own; without it the source is `SCRATCH/mirror`. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** `shardmill serve` over `SCRATCH/out` and `SCRATCH/mirror`: it can be killed and started again at the same address. */
export class RealService {
  readonly url: string;
  readonly #port: number;
  readonly #scratch: string;
  readonly #options: ServiceOptions;
  #child: ChildProcess;

  private constructor(port: number, scratch: string, options: ServiceOptions) {
    this.#port = port;
    this.#scratch = scratch;
    this.#options = options;
    this.url = `http://127.0.0.1:${port}`;
    this.#child = this.#spawn();
  }

  static async start(scratch: string, options: ServiceOptions = {}): Promise<RealService> {
    const service = new RealService(await freePort(), scratch, options);
    await service.#untilReady();
    return service;
  }

  async stop(by: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill(by);
    await ended;
  }

  async startAgain(): Promise<void> {
    this.#child = this.#spawn();
    await this.#untilReady();
  }

  /** What it has printed last. */
  get said(): string {
    return this.#said;
  }

  #said = "";

  #spawn(): ChildProcess {
    const place = ["--out", join(this.#scratch, "out"), "--port", String(this.#port)];
    const { more = [], environment } = this.#options;
    const mirror = ["--source-folder", `openvid-1m=${join(this.#scratch, "mirror")}`];
    const source = environment === undefined ? mirror : [];
    const child = spawn(process.execPath, [main, "serve", ...place, ...source, ...more], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, REDIS_URL: "", ...environment },
    });
    const hear = (text: Buffer): void => {
      this.#said = `${this.#said}${text.toString()}`.slice(-4_000);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    return child;
  }

  async #untilReady(): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      if (this.#child.exitCode !== null) throw new Error(`serve ended: ${this.#said}`);
      return fetch(`${this.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    };
    await vi.waitUntil(isReady, { timeout: 40_000, interval: 100 });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
