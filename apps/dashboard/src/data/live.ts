import type { LiveEvent, LogLine, Meter, RunningShard } from "@shardmill/api/contract";
import { authorization } from "./token.ts";

export type Connection = "connecting" | "live" | "lost" | "refused";

type Listener = () => void;

const keptMeters = 150;

/**
 * What the service tells as it happens. EventSource cannot send the token, so the stream is read with fetch. When it
 * breaks it is opened again, a little later each time, and every figure on the page is asked for anew.
 */
export class Live {
  connection: Connection = "connecting";
  /** Grows when the figures of a dataset should be asked for again. */
  readonly versions = new Map<string, number>();
  readonly meters = new Map<string, Meter[]>();
  readonly running = new Map<string, Map<string, RunningShard>>();
  readonly lines = new Map<string, LogLine[]>();
  /** Grows whenever all of it should be asked for again. */
  epoch = 0;
  readonly #listeners = new Set<Listener>();
  #isTold = false;

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#read(signal, () => {
          failures = 0;
        });
      } catch {
        // The connection broke, which the next lines tell.
      }
      if (signal.aborted) return;
      failures += 1;
      if (this.connection !== "refused") this.#set("lost");
      await pause(Math.min(10_000, 500 * 2 ** Math.min(failures, 5)) * (0.75 + Math.random() / 2));
    }
  }

  async #read(signal: AbortSignal, onOpen: () => void): Promise<void> {
    const answer = await fetch("/api/events", { headers: authorization(), signal });
    if (!answer.ok || answer.body === null) {
      this.#set(answer.status === 401 ? "refused" : "lost");
      return;
    }
    onOpen();
    const wasLost = this.connection !== "connecting";
    this.#set("live");
    if (wasLost) this.#askForAll();
    let text = "";
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      text += read.value;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks)
        if (block.startsWith("data: ")) this.#hear(JSON.parse(block.slice(6)) as LiveEvent);
    }
  }

  #hear(event: LiveEvent): void {
    switch (event.kind) {
      case "meter":
        keepLast(this.meters, event.dataset, event.meter, keptMeters);
        break;
      case "progress":
        this.#shards(event.dataset).set(nameOf(event.shard), event.shard);
        break;
      case "job":
        keepLast(this.lines, event.dataset, event.line, 300);
        if (event.line.kind !== "started") this.#shards(event.dataset).delete(nameOf(event.line));
        break;
      case "status":
        this.versions.set(event.dataset, (this.versions.get(event.dataset) ?? 0) + 1);
        break;
      case "gap":
        this.#askForAll();
        break;
      case "hello":
        break;
    }
    this.#tell();
  }

  #shards(dataset: string): Map<string, RunningShard> {
    const shards = this.running.get(dataset) ?? new Map<string, RunningShard>();
    this.running.set(dataset, shards);
    return shards;
  }

  #askForAll(): void {
    this.epoch += 1;
    this.running.clear();
    this.#tell();
  }

  #set(connection: Connection): void {
    if (this.connection === connection) return;
    this.connection = connection;
    this.#tell();
  }

  /** At most one drawing a frame, however many events arrive. */
  #tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    setTimeout(() => {
      this.#isTold = false;
      for (const listener of this.#listeners) listener();
    }, 50);
  }
}

export function nameOf({ label, range }: { label: string | null; range: string | null }): string {
  return `${label ?? ""}/${range ?? ""}`;
}

function keepLast<T>(map: Map<string, T[]>, key: string, value: T, most: number): void {
  map.set(key, [...(map.get(key) ?? []), value].slice(-most));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    // Coming back to the network is a good moment to try.
    const now = (): void => {
      clearTimeout(timer);
      resolve();
    };
    window.addEventListener("online", now, { once: true });
  });
}
