import { type ByteRange, type ByteSource, Failure, type FileIdentity } from "@shardmill/core";
import type { Answer } from "./ask.ts";
import { askThrough } from "./ask-through.ts";
import { contentCheck } from "./content-check.ts";
import { Fault } from "./fault.ts";
import { judgeAnswer, type Subject } from "./judge-answer.ts";
import type { Net } from "./net.ts";
import { Patience } from "./patience.ts";
import { isTransientStatus } from "./retry-rule.ts";
import { slowDownIfAsked } from "./slow-down.ts";

interface RemoteFileFacts {
  readonly identity: FileIdentity;
  /** The address that stays; it may redirect to one that does not. */
  readonly lasting: URL;
  readonly subject: Subject;
  /** Where the listing came from the server that serves the bytes; a Hub's CDN has ETags of its own: null. */
  readonly listedEtag: string | null;
}

/**
 * A file behind HTTP, read by range; every transient fault is healed at the byte where it happened.
 *
 * Its lasting address may redirect to a signed one with an end date. That one is kept, and used without asking again,
 * until it is refused; then the lasting address is asked for another. Nothing of an answer is passed on before it has
 * proven to be the asked range of the planned object: status 206, Content-Range, total size, ETag as before.
 */
export class RemoteFile implements ByteSource {
  readonly sizeBytes: number;
  readonly name: string;
  readonly #net: Net;
  readonly #identity: FileIdentity;
  readonly #lasting: URL;
  readonly #subject: Subject;
  #signed: URL | null = null;
  /** As listed, else of the first good answer; the object stays that one for this reader's life. */
  #etag: string | null;
  /** Answers in a row that showed another object. */
  #suspicions = 0;

  constructor(net: Net, { identity, lasting, subject, listedEtag }: RemoteFileFacts) {
    this.#net = net;
    this.#identity = identity;
    this.#lasting = lasting;
    this.#subject = subject;
    this.#etag = plainEtag(listedEtag);
    this.sizeBytes = identity.sizeBytes;
    this.name = `${net.source}/${identity.path}`;
  }

  async *read(range: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (range.start < 0 || range.end > this.sizeBytes || range.start > range.end) {
      throw new RangeError(`${this.name}: no range ${range.start}-${range.end} in ${this.sizeBytes} bytes`);
    }
    const patience = new Patience(this.#net, this.#identity.path);
    const check = contentCheck(this.#identity, range);
    let at = range.start;
    while (at < range.end) {
      try {
        for await (const chunk of this.#stream({ start: at, end: range.end }, signal)) {
          at += chunk.length;
          patience.progress();
          check?.update(chunk);
          if (at === range.end && check?.isGood() === false) throw this.#damaged();
          yield chunk;
        }
      } catch (error) {
        await patience.after(error, signal);
      }
    }
  }

  /** One connection's worth: ends after the range, or with a Fault. */
  async *#stream(range: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const answer = await this.#openAt(range, signal);
    let missing = range.end - range.start;
    for await (const chunk of answer.chunks()) {
      const wanted = chunk.length > missing ? chunk.subarray(0, missing) : chunk;
      missing -= wanted.length;
      await this.#net.bandwidth?.take(wanted.length, signal);
      if (wanted.length > 0) yield wanted;
      if (missing === 0) return;
    }
    throw new Fault("early_end", answer.url.host, `the answer ended ${missing} bytes early`);
  }

  async #openAt(range: ByteRange, signal: AbortSignal): Promise<Answer> {
    const question = {
      url: this.#signed ?? this.#lasting,
      headers: { range: `bytes=${range.start}-${range.end - 1}` },
    };
    const answer = await this.#forgettingSigned(() =>
      askThrough(this.#net, question, signal, (redirect, next) => this.#onRedirect(redirect, next)),
    );
    await this.#forgettingSigned(() => this.#accept(answer, range));
    return answer;
  }

  /** An address that gave anything but good bytes is not used a second time; a broken connection says nothing about it. */
  async #forgettingSigned<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isOfWire =
        error instanceof Fault && ["rate_limited", "unreachable", "cut", "stalled"].includes(error.kind);
      if (!isOfWire) this.#signed = null;
      throw error;
    }
  }

  /** Returns when the answer is the range; else throws. */
  async #accept(answer: Answer, range: ByteRange): Promise<void> {
    const { status } = answer;
    try {
      if (status === 206) return this.#checkRange(answer, range);
      if (status === 200) return this.#checkWhole(answer, range);
      if (status === 416) throw this.#suspect(answer, "does not hold the range (416)");
      if (this.#isSigned(answer) && status >= 400 && status < 500 && !isTransientStatus(status)) {
        throw new Fault("address_refused", answer.url.host, `refused its signed address (${status})`);
      }
      throw judgeAnswer(this.#net, answer, this.#subject);
    } catch (error) {
      if (status === 200 || status === 206) answer.close();
      else await answer.drain();
      throw error;
    }
  }

  #isSigned({ url }: Answer): boolean {
    return url.href !== this.#lasting.href;
  }

  async #onRedirect(answer: Answer, next: URL): Promise<void> {
    this.#checkLinked(answer.headers);
    await slowDownIfAsked(this.#net, answer);
    this.#signed = next;
  }

  /** The Hub's redirect tells size and sha256 of what lies behind it, at this revision: here its word is final. */
  #checkLinked(headers: Headers): void {
    const size = headers.get("x-linked-size");
    const etag = plainEtag(headers.get("x-linked-etag"));
    const { sizeBytes, sha256 } = this.#identity;
    const isOther =
      (size !== null && Number(size) !== sizeBytes) ||
      (etag !== null && sha256 !== null && /^[0-9a-f]{64}$/.test(etag) && etag !== sha256);
    if (isOther) throw this.#changed("the source links another object");
  }

  #checkRange(answer: Answer, range: ByteRange): void {
    const { headers, url } = answer;
    const text = headers.get("content-range") ?? "";
    const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(text) ?? [];
    if (Number(start) !== range.start || Number(end) !== range.end - 1) {
      throw new Fault("wrong_range", url.host, `asked for ${range.start}-${range.end - 1}, got "${text}"`);
    }
    if (Number(total) !== this.sizeBytes) {
      throw this.#suspect(answer, `is ${total} bytes long, expected ${this.sizeBytes}`);
    }
    this.#checkEtag(answer);
  }

  /** The whole file is a fine answer only to the question for the whole file. */
  #checkWhole(answer: Answer, range: ByteRange): void {
    const length = answer.headers.get("content-length");
    if (
      range.start !== 0 ||
      range.end !== this.sizeBytes ||
      Number(length ?? Number.NaN) !== this.sizeBytes
    ) {
      throw new Fault("range_ignored", answer.url.host, "answered a byte range with the whole file");
    }
    this.#checkEtag(answer);
  }

  #checkEtag(answer: Answer): void {
    const etag = plainEtag(answer.headers.get("etag"));
    if (etag !== null && this.#etag !== null && etag !== this.#etag) {
      throw this.#suspect(answer, "has another ETag than before");
    }
    if (etag !== null && this.#isOtherBlob(etag)) throw this.#suspect(answer, "has another id than planned");
    this.#etag ??= etag;
    this.#suspicions = 0;
  }

  /** A git-stored file's ETag is its blob id; other 40-digit ETags are not compared. */
  #isOtherBlob(etag: string): boolean {
    const { oid, sha256 } = this.#identity;
    return sha256 === null && oid !== null && /^[0-9a-f]{40}$/.test(etag) && plainEtag(oid) !== etag;
  }

  /** One strange answer may be a sick cache; the third, each by a fresh address, is believed. */
  #suspect(answer: Answer, detail: string): Fault | Failure {
    this.#suspicions += 1;
    return this.#suspicions >= 3
      ? this.#changed(detail)
      : new Fault("maybe_changed", answer.url.host, detail);
  }

  #damaged(): Failure {
    return new Failure("source_invalid", `${this.name}: the bytes that came do not have the listed hash`, {
      where: { path: this.#identity.path },
    });
  }

  #changed(detail: string): Failure {
    return new Failure("source_changed", `${this.name} is not the file that was listed: it ${detail}`, {
      where: { path: this.#identity.path },
    });
  }
}

/** Without quotes and the mark of a weak one: caches add and drop it. */
function plainEtag(text: string | null): string | null {
  return text === null ? null : text.replace(/^W\//, "").replace(/^"|"$/g, "");
}
