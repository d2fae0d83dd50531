import { createHash, randomUUID } from "node:crypto";
import type { Store, TempFile } from "../store.ts";
import type { ObjectBody, PutCondition, PutEnd } from "./objects.ts";

const never = new AbortController().signal;

/** What a bucket lets its temporary files do. */
export interface BucketPlace {
  readonly scratch: Store;
  send(path: string, body: ObjectBody, condition: PutCondition): Promise<PutEnd>;
  /** What a temporary file became known by in the bucket. */
  published(temp: string, etag: string): void;
  /** A temporary file is removed. */
  forget(temp: string): void;
}

/** A file in the scratch folder of this machine, and its hash: one request sends it. */
export class BucketTempFile implements TempFile {
  readonly #place: BucketPlace;
  readonly #file: TempFile;
  readonly #hash = createHash("sha256");
  readonly #writer = randomUUID();
  #sha256: string | null = null;

  constructor(place: BucketPlace, file: TempFile) {
    this.#place = place;
    this.#file = file;
  }

  get path(): string {
    return this.#file.path;
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#file.write(chunk);
    this.#hash.update(chunk);
  }

  async sync(): Promise<void> {
    await this.#file.sync();
    this.#sha256 ??= this.#hash.digest("hex");
  }

  chunks(signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#file.chunks(signal);
  }

  async link(final: string): Promise<"published" | "exists"> {
    const end = await this.#send(final, { writer: this.#writer, isNew: true });
    return end.kind === "done" ? "published" : "exists";
  }

  async replace(final: string): Promise<void> {
    await this.#send(final, { writer: this.#writer });
  }

  remove(): Promise<void> {
    this.#place.forget(this.path);
    return this.#file.remove();
  }

  body(): ObjectBody {
    if (this.#sha256 === null) throw new Error(`${this.path} is published before sync`);
    return { sizeBytes: this.sizeBytes, sha256: this.#sha256, open: () => this.#file.chunks(never) };
  }

  async #send(final: string, condition: PutCondition): Promise<PutEnd> {
    const end = await this.#place.send(final, this.body(), condition);
    if (end.kind === "done") this.#place.published(this.path, end.etag);
    return end;
  }
}
