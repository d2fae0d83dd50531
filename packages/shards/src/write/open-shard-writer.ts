import { createHash } from "node:crypto";
import { Failure, type LedgerLine, type Manifest } from "@shardmill/core";
import { openRecords, type Records, type Store, type TempFile } from "@shardmill/store";
import { isFrame, type Sample } from "../look/sample.ts";
import { checkTar } from "../verify/check-tar.ts";
import { type CommitResult, commitShard } from "./commit-shard.ts";
import { DaliIndex } from "./dali-index.ts";
import type { FinishedShard } from "./finished-shard.ts";
import { mustBeMemberName } from "./member-name.ts";
import type { PublishedAs, ShardWriter, ShardWriterDeps } from "./shard-writer.ts";
import { TarPacker } from "./tar-packer.ts";

const writeBytes = 256 * 1024;

export async function openShardWriter(
  store: Store,
  dataset: string,
  shard: string,
  deps: ShardWriterDeps = {},
): Promise<ShardWriter> {
  const records = deps.records ?? openRecords(store, dataset);
  return new TarShardWriter(records, shard, await store.createTemp(records.paths.tar(shard)));
}

const always = async (): Promise<boolean> => true;
const nothing = async (): Promise<null> => null;

class TarShardWriter implements ShardWriter {
  readonly shard: string;
  readonly #records: Records;
  readonly #temp: TempFile;
  readonly #sha256 = createHash("sha256");
  readonly #md5 = createHash("md5");
  readonly #packer = new TarPacker();
  readonly #offsets: number[] = [];
  readonly #dali = new DaliIndex();
  readonly #keys = new Set<string>();
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #frames = 0;
  /** Members named .jpg. */
  #files = 0;
  #firstKey: string | null = null;
  #lastKey: string | null = null;
  #finished: FinishedShard | null = null;

  constructor(records: Records, shard: string, temp: TempFile) {
    this.#records = records;
    this.shard = shard;
    this.#temp = temp;
  }

  get sizeBytes(): number {
    return this.#packer.sizeBytes;
  }

  async add(sample: Sample): Promise<void> {
    const members = sample.members.toSorted((a, b) => (a.suffix < b.suffix ? -1 : 1));
    this.#check(sample.key, members);
    const chunks: Uint8Array[] = [];
    const placed: { suffix: string; dataOffset: number; sizeBytes: number }[] = [];
    for (const { suffix, bytes } of members) {
      const entry = await this.#packer.entry(`${sample.key}.${suffix}`, bytes);
      if (placed.length === 0) this.#offsets.push(entry.headerOffset);
      chunks.push(...entry.chunks);
      placed.push({ suffix, dataOffset: entry.dataOffset, sizeBytes: bytes.length });
    }
    this.#dali.add(sample.key, placed);
    this.#keys.add(sample.key);
    this.#firstKey ??= sample.key;
    this.#lastKey = sample.key;
    const files = members.filter(({ suffix }) => isFrame(suffix)).length;
    this.#files += files;
    this.#frames += sample.frames ?? files;
    await this.#take(chunks);
  }

  async finish(signal: AbortSignal): Promise<FinishedShard> {
    const end = this.#packer.sizeBytes;
    const samples = this.#offsets.length;
    if (samples > 0) await this.#take([await this.#packer.end()]);
    await this.#flush();
    const bytes = this.#temp.sizeBytes;
    await this.#temp.sync();
    const finished: FinishedShard = {
      tar: samples === 0 ? null : { bytes, sha256: this.#sha256.digest("hex"), md5: this.#md5.digest("hex") },
      samples,
      frames: this.#frames,
      firstKey: this.#firstKey,
      lastKey: this.#lastKey,
      index: [...this.#offsets, end],
      daliIndex: this.#dali.text(),
    };
    if (samples > 0) await this.#readBack(finished, signal);
    this.#finished = finished;
    return finished;
  }

  async publish(
    manifest: Manifest,
    ledger: readonly LedgerLine[],
    signal: AbortSignal,
    { replaces = nothing, withdrawn = "", isOfNow = always }: PublishedAs = {},
  ): Promise<CommitResult> {
    const finished = this.#finished;
    if (finished === null) throw new Error(`${this.shard} is published before it is finished`);
    const shard = { finished, temp: this.#temp, manifest, ledger, replaces, withdrawn, isOfNow };
    return commitShard(this.#records, shard, signal);
  }

  discard(): Promise<void> {
    this.#packer.destroy();
    return this.#temp.remove();
  }

  /** Samples of text are small, and a write costs as much as making one: they are written together. */
  async #take(chunks: readonly Uint8Array[]): Promise<void> {
    this.#pending.push(...chunks);
    this.#pendingBytes += chunks.reduce((sum, { length }) => sum + length, 0);
    if (this.#pendingBytes >= writeBytes) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#sha256.update(bytes);
    this.#md5.update(bytes);
    await this.#temp.write(bytes);
  }

  #check(key: string, members: readonly { readonly suffix: string }[]): void {
    const fail = (detail: string): never => {
      throw new Failure("shard_invalid", detail, {
        where: { shard: this.shard, member: key },
        retry: "never",
      });
    };
    if (members.length === 0) fail(`expected members for the sample ${key}, found none`);
    if (this.#keys.has(key)) fail(`expected a new key, found ${key} a second time`);
    members.forEach(({ suffix }, at) => {
      mustBeMemberName(key, suffix, this.shard);
      if (suffix === members[at - 1]?.suffix) fail(`expected one ${key}.${suffix}, found two`);
    });
  }

  async #readBack(finished: FinishedShard, signal: AbortSignal): Promise<void> {
    const check = await checkTar(this.#temp.chunks(signal), null);
    const [first] = check.problems;
    const isSame =
      check.sha256 === finished.tar?.sha256 &&
      check.bytes === finished.tar.bytes &&
      check.samples === finished.samples &&
      check.frames === this.#files;
    if (first === undefined && isSame) return;
    const found = first?.detail ?? `${check.samples} samples, sha256 ${check.sha256}`;
    throw new Failure("shard_invalid", `${this.shard} read back is not what was written: ${found}`, {
      where: { shard: this.shard },
    });
  }
}
