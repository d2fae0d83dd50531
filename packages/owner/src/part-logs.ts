import { Failure, jsonOrNull } from "@shardmill/core";
import type { JobEvent } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import { type LogLine, logLineOf, logLineSchema } from "./log-line.ts";

/** Of one part's file; the oldest lines go first. */
const mostBytes = 64 * 1024;
/** Of one part, between two writes. */
const mostPending = 200;
const writeEveryMs = 2_000;
/** There each write of a part's file is two requests. */
const writeToBucketEveryMs = 20_000;

/**
 * What happened to the jobs of each part, in a file of its own beside the records (`.shardmill/logs/`), so that neither a restart
 * nor the lines of other parts take it away. For people: nothing is decided by it, and what cannot be written is let go.
 */
export class PartLogs {
  readonly #records: Records;
  readonly #pending = new Map<string, LogLine[]>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(records: Records) {
    this.#records = records;
  }

  hear(event: JobEvent): void {
    if (event.kind === "progress" || event.label === null || !isLabel(event.label)) return;
    const lines = this.#pending.get(event.label) ?? [];
    lines.push(logLineOf(event));
    if (lines.length > mostPending) lines.shift();
    this.#pending.set(event.label, lines);
    const everyMs = this.#records.store.conditional === null ? writeEveryMs : writeToBucketEveryMs;
    this.#timer ??= setTimeout(() => this.#write(), everyMs).unref();
  }

  /** What has been heard is written. */
  async close(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(async () => {
      for (const [label, lines] of [...this.#pending]) {
        this.#pending.delete(label);
        await append(this.#records, label, lines);
      }
    });
  }
}

async function append({ store, paths }: Records, label: string, lines: readonly LogLine[]): Promise<void> {
  const path = paths.partLog(label);
  try {
    const kept = Buffer.from((await store.read(path)) ?? []).toString("utf8");
    const text = `${kept}${lines.map((line) => `${JSON.stringify(line)}\n`).join("")}`;
    await store.put(path, cut(text));
  } catch (error) {
    // A full disk, or an output that is away, is told by those whose work needs it.
    if (!(error instanceof Failure)) throw error;
  }
}

/** Whole lines, the newest ones; a quarter less than is allowed, so that not every line moves the whole file. */
function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostBytes) return text;
  const from = bytes.indexOf(10, bytes.length - (mostBytes * 3) / 4);
  return bytes.toString("utf8", from + 1);
}

/** What is kept of a part, the oldest first; what is no line, of a crash or another version, is passed over. */
export async function readPartLog({ store, paths }: Records, label: string): Promise<LogLine[]> {
  if (!isLabel(label)) return [];
  const bytes = await store.read(paths.partLog(label));
  if (bytes === null) return [];
  return Buffer.from(bytes)
    .toString("utf8")
    .split("\n")
    .flatMap((text) => lineIn(text) ?? []);
}

function lineIn(text: string): LogLine | null {
  return logLineSchema.safeParse(jsonOrNull(text)).data ?? null;
}

/** Names come over the queue: only what is a name becomes one of a file. */
function isLabel(label: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,199}$/u.test(label);
}
