import {
  type ClipResult,
  type ClipSpan,
  Failure,
  type FrameSettings,
  type ImageResult,
  type MediaIncident,
  type MediaPool,
  type Rejection,
  reject,
  type SpanResult,
  type SpansResult,
} from "@shardmill/core";
import type { ChildReply } from "../child/replies.ts";
import type { ChildRequest } from "../child/requests.ts";
import type { ChildLimits } from "./child-limits.ts";
import { ChildLost } from "./child-lost.ts";
import { ChildSlot } from "./child-slot.ts";
import { Lending } from "./lending.ts";
import { MediaChild } from "./media-child.ts";
import { watchChild } from "./watch-child.ts";

export interface ChildPoolOptions {
  readonly size: number;
  readonly memoryLimitMb: number;
  readonly recycleAfterClips: number;
  readonly limits: ChildLimits;
  readonly ffmpegPath: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** What runs in a child. */
  readonly program: string;
  readonly onIncident: (incident: MediaIncident) => void;
}

interface Item {
  readonly name: string;
  readonly bytes: Uint8Array;
}

type Outcome =
  | {
      readonly kind: "answered";
      readonly reply: ChildReply;
      readonly attempts: number;
      readonly seconds: number;
    }
  | { readonly kind: "lost"; readonly rejection: Rejection; readonly attempts: number };

/** An accident from outside changes no byte: only a clip that fails every attempt is left out. */
const LOSSES_ALLOWED = 5;
const MIB = 1024 * 1024;
/** A picture goes through one library and is quickly done: a new child for every few hundred would be a tenth of the work. */
const imageWear = 1 / 20;
const picturesBetweenLooks = 20;
/** Pixels of the frames of one decode: 27 stretches of 64 frames of 224 x 224. */
const spanBytes = 256 * MIB;

/** The pool of media children behind core's port. Opened by openMediaPool. */
export class ChildPool implements MediaPool {
  readonly size: number;
  readonly #options: ChildPoolOptions;
  readonly #slots: readonly ChildSlot[];
  readonly #lending: Lending<ChildSlot>;

  constructor(options: ChildPoolOptions) {
    this.size = options.size;
    this.#options = options;
    this.#slots = Array.from(
      { length: options.size },
      () => new ChildSlot(() => new MediaChild(options.program, options.environment)),
    );
    this.#lending = new Lending(this.#slots);
  }

  /**
   * Loads the decoder in a child; the others start meanwhile. Throws `decoder_unavailable`; a child that is lost while it
   * loads may have met an accident, so as with a clip only five losses in a row count.
   */
  async tryDecoder(decoder: "libav" | "process"): Promise<string> {
    for (const slot of this.#slots) slot.start();
    const { item: slot, giveBack } = await this.#lending.take(new AbortController().signal);
    try {
      const reply = await this.#load(slot, decoder);
      if (reply.kind === "loaded") return reply.version;
      const why = reply.kind === "broken" ? reply.detail : `it answered ${reply.kind}`;
      throw new Failure("decoder_unavailable", `the ${decoder} decoder cannot be loaded here: ${why}`);
    } finally {
      giveBack();
    }
  }

  async #load(slot: ChildSlot, decoder: "libav" | "process"): Promise<ChildReply> {
    const request: ChildRequest = { kind: "load", decoder, ffmpegPath: this.#options.ffmpegPath };
    for (let attempt = 1; ; attempt += 1) {
      const child = await slot.child();
      try {
        return await child.request(request, []);
      } catch (error) {
        if (!(error instanceof ChildLost)) throw error;
        if (attempt < LOSSES_ALLOWED) continue;
        throw new Failure(
          "decoder_unavailable",
          `the ${decoder} decoder ended every child that loaded it; the last: ${error.message}`,
        );
      }
    }
  }

  async frames(clip: Item, settings: FrameSettings, signal: AbortSignal): Promise<ClipResult> {
    const refusal = sizeRefusal(clip, settings);
    if (refusal !== null) return { kind: "rejected", rejection: refusal, attempts: 1 };
    const { ffmpegPath } = this.#options;
    const request: ChildRequest = { kind: "frames", name: clip.name, settings, ffmpegPath };
    const outcome = await this.#ask(request, clip, signal);
    if (outcome.kind === "lost") return { ...outcome, kind: "rejected" };
    const { reply, attempts, seconds } = outcome;
    if (reply.kind === "rejected") return { ...reply, attempts };
    if (reply.kind !== "frames") throw new Error(`a media child answered ${reply.kind} to a clip`);
    return { ...reply, seconds, attempts };
  }

  async spans(
    clip: Item,
    { settings, spans }: { readonly settings: FrameSettings; readonly spans: readonly ClipSpan[] },
    signal: AbortSignal,
  ): Promise<SpansResult> {
    const refusal = sizeRefusal(clip, settings);
    if (refusal !== null) return { kind: "rejected", rejection: refusal, attempts: 1 };
    const { ffmpegPath } = this.#options;
    const clips: SpanResult[] = [];
    const sums = { seconds: 0, attempts: 0 };
    const pass = spansAtOnce(settings);
    for (let from = 0; from < spans.length; from += pass) {
      const some = spans.slice(from, from + pass);
      const request: ChildRequest = {
        kind: "spans",
        name: clip.name,
        settings,
        spans: [...some],
        ffmpegPath,
      };
      const outcome = await this.#ask(request, clip, signal);
      if (outcome.kind === "lost") return { ...outcome, kind: "rejected" };
      const { reply, attempts, seconds } = outcome;
      if (reply.kind === "rejected") return { ...reply, attempts };
      if (reply.kind !== "spans" || reply.clips.length !== some.length)
        throw new Error(`a media child answered ${reply.kind} to ${some.length} stretches of a clip`);
      clips.push(...reply.clips);
      sums.seconds += seconds;
      sums.attempts = Math.max(sums.attempts, attempts);
    }
    return { kind: "spans", clips, ...sums };
  }

  async image(image: Item, settings: FrameSettings, signal: AbortSignal): Promise<ImageResult> {
    const refusal = sizeRefusal(image, settings);
    if (refusal !== null) return { kind: "rejected", rejection: refusal, attempts: 1 };
    const outcome = await this.#ask({ kind: "image", name: image.name, settings }, image, signal);
    if (outcome.kind === "lost") return { ...outcome, kind: "rejected" };
    const { reply, attempts } = outcome;
    if (reply.kind === "rejected") return { ...reply, attempts };
    if (reply.kind !== "image") throw new Error(`a media child answered ${reply.kind} to an image`);
    return { ...reply, attempts };
  }

  async close(): Promise<void> {
    this.#lending.close(new Error("the media pool is closed"));
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  async #ask(request: ChildRequest, item: Item, signal: AbortSignal): Promise<Outcome> {
    const { item: slot, giveBack } = await this.#lending.take(signal);
    try {
      return await this.#attempts(slot, request, item, signal);
    } finally {
      giveBack();
    }
  }

  async #attempts(slot: ChildSlot, request: ChildRequest, item: Item, signal: AbortSignal): Promise<Outcome> {
    const startedMs = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      const lost = await this.#attempt(slot, request, item, signal);
      const seconds = (performance.now() - startedMs) / 1000;
      if (!(lost instanceof ChildLost)) return { kind: "answered", reply: lost, attempts: attempt, seconds };
      const { code, message } = lost;
      this.#options.onIncident({ clip: item.name, code, attempt, detail: message });
      if (attempt === LOSSES_ALLOWED)
        return {
          kind: "lost",
          attempts: attempt,
          rejection: reject(code, `every attempt failed; the last: ${message}`),
        };
    }
  }

  /** One try in one child: the answer, or how the child was lost. An aborted signal throws its reason. */
  async #attempt(
    slot: ChildSlot,
    request: ChildRequest,
    { bytes }: Item,
    signal: AbortSignal,
  ): Promise<ChildReply | ChildLost> {
    const child = await slot.child();
    signal.throwIfAborted();
    const abandon = (): void => slot.drop("its clip was abandoned");
    signal.addEventListener("abort", abandon, { once: true });
    const memoryLimitBytes = this.#options.memoryLimitMb * MIB + bytes.byteLength;
    const watch = watchChild(child, {
      sizeBytes: bytes.byteLength,
      memoryLimitBytes,
      limits: this.#options.limits,
      // Asking what a child weighs costs as much as a small picture.
      looksFirst: request.kind !== "image" || child.asked % picturesBetweenLooks === 0,
    });
    child.asked += 1;
    try {
      const reply = await child.request(request, [bytes], watch.onProbe);
      if (reply.kind === "broken") return this.#broken(slot, reply.detail);
      child.wear += request.kind === "image" ? imageWear : 1;
      if (child.wear >= this.#options.recycleAfterClips) slot.recycle();
      return reply;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ChildLost) return error;
      throw error;
    } finally {
      watch.stop();
      signal.removeEventListener("abort", abandon);
    }
  }

  #broken(slot: ChildSlot, detail: string): ChildLost {
    slot.drop("it met an error of its own");
    return new ChildLost("decoder_crash", detail);
  }
}

/** Their frames are in a child's memory together, three bytes a pixel. */
function spansAtOnce({ maxFrames, size }: FrameSettings): number {
  return Math.max(1, Math.floor(spanBytes / (maxFrames * size * size * 3)));
}

function sizeRefusal({ bytes }: Item, { limits }: FrameSettings): Rejection | null {
  if (bytes.byteLength === 0) return reject("empty_member", "the member has zero bytes");
  if (bytes.byteLength <= limits.maxBytes) return null;
  return reject("too_large", `${bytes.byteLength} bytes; limits.maxBytes is ${limits.maxBytes}`);
}
