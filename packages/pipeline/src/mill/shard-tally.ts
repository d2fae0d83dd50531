import {
  addCounts,
  addTokens,
  type Clock,
  type Counts,
  countLines,
  Failure,
  type LedgerLine,
  type PlannedMember,
  partLabel,
  RemarkBook,
  type ShardProgress,
  type TokenCounts,
} from "@shardmill/core";
import type { Sample } from "@shardmill/shards";
import type { Outcome } from "./outcome.ts";
import { sampleDurationMs } from "./sample-duration.ts";
import type { ShardOrder } from "./shard-order.ts";
import { ShardPace } from "./shard-pace.ts";

/** Adds up what became of the members of one shard. */
export class ShardTally {
  readonly remarks = new RemarkBook();
  readonly #order: ShardOrder;
  readonly #onProgress: (progress: ShardProgress) => void;
  readonly #lines: LedgerLine[];
  readonly #inWork = new Map<number, string>();
  readonly pace: ShardPace;
  #counts: Counts;
  #decodeSeconds = 0;
  frames = 0;
  tokens: TokenCounts | undefined;
  /** Of samples that are withdrawn from what the shard's tokens were counted over. */
  lost = { all: 0, loss: 0 };
  /** Of the samples that have a duration. */
  durationMs: number | undefined;
  annotationsUsed = 0;
  bytesRead = 0;

  constructor(order: ShardOrder, onProgress: (progress: ShardProgress) => void, clock: Pick<Clock, "now">) {
    this.pace = new ShardPace(clock);
    this.#order = order;
    this.#onProgress = onProgress;
    this.#lines = [...order.settled];
    this.#counts = countLines(order.settled);
  }

  read(bytes: number): void {
    this.bytesRead += bytes;
  }

  begin({ position, name }: PlannedMember): void {
    this.#inWork.set(position, name);
    if (this.#inWork.size === 1) this.#tell();
  }

  add(outcome: Outcome): void {
    if (this.#inWork.delete(outcome.line.position)) this.pace.add(outcome.samples);
    this.#lines.push(outcome.line);
    this.#counts = addCounts(this.#counts, countLines([outcome.line]));
    this.#decodeSeconds += outcome.seconds;
    this.frames += outcome.line.frames ?? 0;
    this.tokens = addTokens(this.tokens, outcome.tokens);
    this.lost.all += outcome.lost?.all ?? 0;
    this.lost.loss += outcome.lost?.loss ?? 0;
    this.annotationsUsed += outcome.annotationsUsed;
    for (const { code, detail } of outcome.remarks ?? [])
      this.remarks.add(code, `${outcome.line.member}: ${detail}`);
    this.#tell();
  }

  pack(sample: Sample): void {
    const durationMs = sampleDurationMs(sample);
    if (durationMs !== null) this.durationMs = (this.durationMs ?? 0) + durationMs;
  }

  #tell(): void {
    const [member = null] = this.#inWork.values();
    this.#onProgress({
      shard: this.#order.shard,
      member,
      done: this.#counts.members,
      of: this.#order.positions?.length ?? null,
      packed: this.#counts.packed,
      failed: this.#counts.failed,
      frames: this.frames,
      bytesRead: this.bytesRead,
      decodeSeconds: this.#decodeSeconds,
    });
  }

  /** In archive order; a planned member without a line means that the archive ended early. */
  lines(dataset: string): LedgerLine[] {
    const lines = this.#lines.toSorted((a, b) => a.position - b.position);
    const positions = this.#order.positions;
    if (positions !== null) {
      const met = new Set(lines.map((line) => line.position));
      const lost = positions.filter((position) => !met.has(position));
      if (lost.length > 0) {
        throw new Failure(
          "archive_truncated",
          `${lost.length} planned members did not come out of the archive`,
          {
            where: { dataset, part: partLabel(this.#order.plan), shard: this.#order.shard },
          },
        );
      }
    }
    return lines;
  }
}
