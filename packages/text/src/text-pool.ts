import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { reject, Semaphore, type TextPool, type TokenResult } from "@shardmill/core";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import type { TextTask } from "./text-child.ts";
import type { TokenizerParts } from "./tokenizer-files.ts";

const child = fileURLToPath(new URL("../dist/text-child.js", import.meta.url));

/** A template is a program: one that does not end, or takes all memory, costs its conversation and nothing else. */
const bounds = { ms: 60_000, heapMb: 512, attempts: 3 };

/**
 * Child processes that tokenize, each with a tokenizer of its own, so that nobody's event loop waits for a template or an
 * encoder, and nobody is lost with one. Throws a Failure `tokenizer_invalid` where the files cannot be used, before any child
 * is begun.
 */
export async function openTextPool(
  parts: TokenizerParts,
  { size, limitMs = bounds.ms }: { readonly size: number; readonly limitMs?: number },
): Promise<TextPool> {
  ConversationTokenizer.open(parts);
  const { Tinypool } = await import("tinypool");
  const folder = await mkdtemp(join(tmpdir(), "shardmill-text-"));
  const file = join(folder, "tokenizer.json");
  await writeFile(file, JSON.stringify(parts), { mode: 0o600 });
  const pool = new Tinypool({
    filename: child,
    runtime: "child_process",
    serialization: "advanced",
    minThreads: 1,
    maxThreads: size,
    idleTimeout: 10_000,
    argv: [file],
    execArgv: [`--max-old-space-size=${bounds.heapMb}`],
  });
  // A child that is lost while it has nothing to do is missed by nobody: the next task has another one.
  pool.on("error", () => undefined);
  // One for each child: whoever's time runs has a child. Who comes later waits here, where he can be called off.
  const seats = new Semaphore(size);
  return {
    async tokenize(messages, settings, signal) {
      const leave = await seats.acquire(1, signal);
      try {
        for (let attempt = 1; ; attempt += 1) {
          const late = AbortSignal.timeout(limitMs);
          const answer = await pool.run({ messages, settings } satisfies TextTask, { signal: late }).then(
            (result: TokenResult) => result,
            (error: unknown) => lossOf(error, late, limitMs),
          );
          signal.throwIfAborted();
          if (typeof answer !== "string") return answer;
          // Whoever stops all processes of a machine may reach the child first.
          if (attempt >= bounds.attempts || late.aborted)
            return { kind: "rejected", rejection: reject("tokenize_failed", answer) };
        }
      } finally {
        leave();
      }
    },
    async close() {
      await pool.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** How the child was lost. What it threw itself comes as plain data, and is a bug. */
function lossOf(error: unknown, late: AbortSignal, limitMs: number): string {
  if (late.aborted) return `it took more than ${limitMs / 1_000} s`;
  if (error instanceof Error) return `the tokenizing process ended in it, ${bounds.attempts} times`;
  const { message, stack }: { message?: unknown; stack?: unknown } = Object(error);
  throw new Error(String(message), { cause: stack });
}
