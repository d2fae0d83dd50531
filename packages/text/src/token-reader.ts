import { fileURLToPath } from "node:url";
import { openChildPool } from "./child-pool.ts";
import type { ReaderAnswer, ReaderTask } from "./reader-child.ts";
import type { MarkedRun, MaskedTokens } from "./token-runs.ts";
import type { TokenizerFiles } from "./tokenizer-files.ts";

const child = fileURLToPath(new URL("../dist/reader-child.js", import.meta.url));

const bounds = { ms: 30_000, idleMs: 120_000, heapMb: 1_024 };

/** A tokenizer by what it is, and where its files are had once they are needed. */
interface NamedTokenizer {
  readonly id: string;
  files(): Promise<TokenizerFiles>;
}

export type TokensRead =
  | { readonly kind: "runs"; readonly runs: readonly (readonly MarkedRun[])[] }
  /** Why their text cannot be told, in one line. */
  | { readonly kind: "unknown"; readonly why: string };

export interface TokenReader {
  read(tokenizer: NamedTokenizer, lists: readonly MaskedTokens[], signal: AbortSignal): Promise<TokensRead>;
  close(): Promise<void>;
}

/**
 * Tokens as text, read in a child process: opening a tokenizer takes hundreds of milliseconds that nobody's event loop has. The
 * child keeps a few open, and ends when nothing was asked for a while.
 */
export async function openTokenReader(limitMs = bounds.ms): Promise<TokenReader> {
  const children = await openChildPool<ReaderTask, ReaderAnswer>({
    ...{ filename: child, argv: [], size: 1, kept: 0 },
    ...{ idleMs: bounds.idleMs, limitMs, heapMb: bounds.heapMb },
  });
  return {
    read: ({ id, files }, lists, signal) =>
      children.seated(signal, async (ask) => {
        const first = await ask({ id, files: null, lists });
        const answer =
          first !== "late" && first !== "ended" && first.kind === "not-open"
            ? await ask({ id, files: await files(), lists })
            : first;
        if (answer === "late") return unknown(`reading the tokens took more than ${limitMs / 1_000} s`);
        if (answer === "ended") return unknown("the process that reads tokens ended in it");
        if (answer.kind === "runs") return answer;
        return unknown(answer.kind === "invalid" ? answer.why : "the tokenizer could not be kept open");
      }),
    close: () => children.close(),
  };
}

function unknown(why: string): TokensRead {
  return { kind: "unknown", why };
}
