import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { reject, type TextPool, type TokenResult } from "@shardmill/core";
import { type Loss, openChildPool } from "./child-pool.ts";
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
  const folder = await mkdtemp(join(tmpdir(), "shardmill-text-"));
  const file = join(folder, "tokenizer.json");
  await writeFile(file, JSON.stringify(parts), { mode: 0o600 });
  const children = await openChildPool<TextTask, TokenResult>({
    filename: child,
    argv: [file],
    size,
    kept: 1,
    idleMs: 10_000,
    limitMs,
    heapMb: bounds.heapMb,
  });
  return {
    tokenize: (messages, settings, signal) =>
      children.seated(signal, async (ask) => {
        for (let attempt = 1; ; attempt += 1) {
          const answer = await ask({ messages, settings });
          if (answer !== "late" && answer !== "ended") return answer;
          // Whoever stops all processes of a machine may reach the child first.
          if (attempt >= bounds.attempts || answer === "late")
            return { kind: "rejected", rejection: reject("tokenize_failed", told(answer, limitMs)) };
        }
      }),
    async close() {
      await children.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function told(loss: Loss, limitMs: number): string {
  return loss === "late"
    ? `it took more than ${limitMs / 1_000} s`
    : `the tokenizing process ended in it, ${bounds.attempts} times`;
}
