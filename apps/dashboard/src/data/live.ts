import type { LiveEvent, LogLine, Meter, Problem, RunningShard } from "@shardmill/api/contract";
import { authorization } from "./token.ts";

/** full: as many pages listen as the service lets. This one asks from time to time instead. */
export type Connection = "connecting" | "live" | "lost" | "full" | "refused";

type Listener = () => void;

const keptMeters = 150;
const fullRestMs = 10_000;
/** The service says something every 15 s, if only that it is there. */
const silenceMs = 50_000;

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
  /** When the service was last heard, by this machine's clock. */
  heardAt: Date | null = null;
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
      // Whoever has no good token is asked for one: trying again would only count as guessing.
      if (signal.aborted || this.is("refused")) return;
      if (this.is("full")) {
        await pause(fullRestMs);
        continue;
      }
      failures += 1;
      this.#set("lost");
      await pause(Math.min(10_000, 500 * 2 ** Math.min(failures, 5)) * (0.75 + Math.random() / 2));
    }
  }

  async #read(signal: AbortSignal, onOpen: () => void): Promise<void> {
    const silence = new Silence(silenceMs);
    try {
      const answer = await fetch("/api/events", {
        headers: authorization(),
        signal: AbortSignal.any([signal, silence.signal]),
      });
      if (answer.ok && answer.body !== null) {
        onOpen();
        await this.#listen(answer.body, silence);
      } else await this.#turnedAway(answer);
    } finally {
      silence.end();
    }
  }

  async #turnedAway(answer: Response): Promise<void> {
    if (answer.status === 401) {
      this.#set("refused");
      return;
    }
    const told = (await answer.json().catch(() => null)) as Partial<Problem> | null;
    const isFull = answer.status === 503 && told?.code === "busy";
    this.#set(isFull ? "full" : "lost");
    if (isFull) this.#askForAll();
  }

  async #listen(body: ReadableStream<Uint8Array<ArrayBuffer>>, silence: Silence): Promise<void> {
    const wasLost = !this.is("connecting");
    this.#set("live");
    if (wasLost) this.#askForAll();
    let text = "";
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      silence.broken();
      this.heardAt = new Date();
      text += read.value;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks)
        if (block.startsWith("data: ")) this.#hear(JSON.parse(block.slice(6)) as LiveEvent);
    }
  }

  is(connection: Connection): boolean {
    return this.connection === connection;
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

/** Ends a connection on which nothing is heard any more: a line that is cut somewhere says nothing by itself. */
class Silence {
  readonly #limit = new AbortController();
  readonly #ms: number;
  #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number) {
    this.#ms = ms;
    this.#timer = setTimeout(() => this.#limit.abort(), ms);
  }

  get signal(): AbortSignal {
    return this.#limit.signal;
  }

  broken(): void {
    this.end();
    this.#timer = setTimeout(() => this.#limit.abort(), this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
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
