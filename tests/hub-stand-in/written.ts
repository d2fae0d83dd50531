import { createHash } from "node:crypto";
import { type HostedFile, hashedFile, memoryFile } from "./hosted-file.ts";

/** An object of LFS that was sent here. */
export interface SentObject {
  readonly sizeBytes: number;
  /** Null: too large to be kept; its hash was compared as it came. */
  readonly content: Buffer | null;
}

interface SentPart extends SentObject {
  readonly etag: string;
}

export interface WrittenCommit {
  readonly branch: string;
  readonly oid: string;
  readonly summary: string;
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

/** What a writer has brought, and what the stand-in makes of it. */
export class Written {
  readonly objects = new Map<string, SentObject>();
  readonly commits: WrittenCommit[] = [];
  /** How often the bytes of an object were taken whole, by its oid. */
  readonly taken = new Map<string, number>();
  readonly #parts = new Map<string, Map<number, SentPart>>();
  /** Objects above this are sent in parts of so many bytes. */
  readonly partBytes: number;
  readonly keptUpToBytes: number;
  /** Told of a commit before it is judged, for what somebody else does meanwhile. */
  beforeCommit: (() => void) | null = null;
  /** Of all objects together. */
  roomBytes = Number.POSITIVE_INFINITY;

  constructor({ partBytes, keptUpToBytes }: { readonly partBytes: number; readonly keptUpToBytes: number }) {
    this.partBytes = partBytes;
    this.keptUpToBytes = keptUpToBytes;
  }

  get usedBytes(): number {
    return [...this.objects.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** False where the bytes are not those of the name. */
  async takeObject(oid: string, body: AsyncIterable<Uint8Array>): Promise<boolean> {
    const { hex, ...object } = await this.#receive(body);
    if (hex !== oid) return false;
    this.#keep(oid, object);
    return true;
  }

  /** Its ETag. */
  async takePart(oid: string, number: number, body: AsyncIterable<Uint8Array>): Promise<string> {
    const { hex, ...part } = await this.#receive(body);
    const parts = this.#parts.get(oid) ?? new Map<number, SentPart>();
    const etag = `"${hex.slice(0, 32)}"`;
    parts.set(number, { ...part, etag });
    this.#parts.set(oid, parts);
    return etag;
  }

  /** False where a part is lacking or another. The whole is compared where it was kept. */
  complete(oid: string, told: readonly { readonly partNumber: number; readonly etag: string }[]): boolean {
    const parts = told.map(({ partNumber, etag }) => {
      const part = this.#parts.get(oid)?.get(partNumber);
      return part?.etag === etag ? part : null;
    });
    const sent = parts.filter((part) => part !== null);
    if (sent.length !== told.length || sent.length === 0) return false;
    const contents = sent.map(({ content }) => content).filter((content) => content !== null);
    const content = contents.length === sent.length ? Buffer.concat(contents) : null;
    if (content !== null && sha256(content) !== oid) return false;
    this.#parts.delete(oid);
    this.#keep(oid, { sizeBytes: sent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), content });
    return true;
  }

  /** As it is hosted once it is committed. */
  hosted(path: string, oid: string): HostedFile | null {
    const object = this.objects.get(oid);
    if (object === undefined) return null;
    return object.content === null
      ? hashedFile(path, object.sizeBytes, oid)
      : memoryFile(path, object.content, 0);
  }

  #keep(oid: string, object: SentObject): void {
    this.objects.set(oid, object);
    this.taken.set(oid, (this.taken.get(oid) ?? 0) + 1);
  }

  async #receive(body: AsyncIterable<Uint8Array>): Promise<SentObject & { readonly hex: string }> {
    const hash = createHash("sha256");
    const kept: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of body) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes <= this.keptUpToBytes) kept.push(chunk);
    }
    const content = sizeBytes <= this.keptUpToBytes ? Buffer.concat(kept) : null;
    return { sizeBytes, content, hex: hash.digest("hex") };
  }
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
