import type { ServerResponse } from "node:http";
import type { LiveEvent } from "../contract/index.ts";

export interface EventClientsOptions {
  readonly most: number;
  readonly bufferBytes: number;
  readonly heartbeatMs: number;
}

interface Client {
  readonly response: ServerResponse;
  hasGap: boolean;
}

const gap = frameOf({ kind: "gap" });

/**
 * Everyone who listens at GET /api/events. Bounded in number, and each in bytes: a reader that is too slow misses events
 * and is told so once it has caught up. Events are only hints to look again, so nothing is lost by it.
 */
export class EventClients {
  readonly #options: EventClientsOptions;
  readonly #clients = new Set<Client>();
  readonly #heartbeat: NodeJS.Timeout;
  #isClosed = false;

  constructor(options: EventClientsOptions) {
    this.#options = options;
    this.#heartbeat = setInterval(() => this.#write(": still here\n\n"), options.heartbeatMs);
    this.#heartbeat.unref();
  }

  get size(): number {
    return this.#clients.size;
  }

  get isFull(): boolean {
    return this.#isClosed || this.#clients.size >= this.#options.most;
  }

  add(response: ServerResponse, hello: LiveEvent): void {
    const client: Client = { response, hasGap: false };
    this.#clients.add(client);
    response.on("close", () => this.#clients.delete(client));
    response.on("error", () => this.#clients.delete(client));
    response.on("drain", () => this.#caughtUp(client));
    response.write(`retry: 2000\n\n${frameOf(hello)}`);
  }

  send(event: LiveEvent): void {
    if (this.#clients.size > 0) this.#write(frameOf(event));
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    for (const { response } of this.#clients) response.end();
    this.#clients.clear();
  }

  #write(text: string): void {
    for (const client of this.#clients) {
      if (client.response.writableLength + text.length > this.#options.bufferBytes) client.hasGap = true;
      else if (!client.hasGap) client.response.write(text);
    }
  }

  #caughtUp(client: Client): void {
    if (!client.hasGap) return;
    client.hasGap = false;
    client.response.write(gap);
  }
}

function frameOf(event: LiveEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
