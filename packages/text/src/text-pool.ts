import { fileURLToPath } from "node:url";
import {
  type Message,
  reject,
  Semaphore,
  type TextPool,
  type TokenResult,
  type TokenSettings,
} from "@shardmill/core";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import type { TextTask } from "./text-thread.ts";
import type { TokenizerParts } from "./tokenizer-files.ts";

const thread = fileURLToPath(new URL("../dist/text-thread.js", import.meta.url));

/** A template is a program: one that does not end, or takes all memory, costs its conversation and nothing else. */
const bounds = { ms: 60_000, heapMb: 512 };

/**
 * Threads that tokenize, each with a tokenizer of its own, so that nobody's event loop waits for a template or an encoder.
 * Throws a Failure `tokenizer_invalid` where the files cannot be used, before any thread is begun.
 */
export async function openTextPool(
  parts: TokenizerParts,
  { size, limitMs = bounds.ms }: { readonly size: number; readonly limitMs?: number },
): Promise<TextPool> {
  ConversationTokenizer.open(parts);
  const { Piscina } = await import("piscina");
  const pool = new Piscina<TextTask, TokenResult>({
    filename: thread,
    workerData: parts,
    minThreads: 1,
    maxThreads: size,
    idleTimeout: 10_000,
    resourceLimits: { maxOldGenerationSizeMb: bounds.heapMb },
  });
  // One at work and one to come for each thread. Who comes later waits here, where he can be called off.
  const seats = new Semaphore(size * 2);
  return {
    async tokenize(
      messages: readonly Message[],
      settings: TokenSettings,
      signal: AbortSignal,
    ): Promise<TokenResult> {
      const leave = await seats.acquire(1, signal);
      const late = AbortSignal.timeout(limitMs);
      try {
        return await pool.run({ messages, settings }, { signal: late });
      } catch (error) {
        const why = late.aborted ? `it took more than ${limitMs / 1_000} s` : lostBy(error);
        if (why === null) throw error;
        return { kind: "rejected", rejection: reject("template_refused", why) };
      } finally {
        leave();
      }
    },
    close: () => pool.destroy(),
  };
}

function lostBy(error: unknown): string | null {
  const isFull = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  return isFull ? `it took more than ${bounds.heapMb} MB` : null;
}
