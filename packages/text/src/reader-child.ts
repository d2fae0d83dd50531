import { Failure } from "@shardmill/core";
import { serveTasks } from "./serve-tasks.ts";
import { type MarkedRun, type MaskedTokens, TokenTexts } from "./token-runs.ts";
import type { TokenizerFiles } from "./tokenizer-files.ts";

/** What a child of the reader is asked. Without files it is a tokenizer that it may have open. */
export interface ReaderTask {
  readonly id: string;
  readonly files: TokenizerFiles | null;
  readonly lists: readonly MaskedTokens[];
}

export type ReaderAnswer =
  | { readonly kind: "runs"; readonly runs: readonly (readonly MarkedRun[])[] }
  | { readonly kind: "not-open" }
  | { readonly kind: "invalid"; readonly why: string };

/** A large one takes some hundred megabytes. */
const mostOpen = 3;
const open = new Map<string, TokenTexts>();

async function read({ id, files, lists }: ReaderTask): Promise<ReaderAnswer> {
  const known = open.get(id);
  if (known === undefined && files === null) return { kind: "not-open" };
  try {
    const texts = known ?? TokenTexts.open(files as TokenizerFiles);
    keep(id, texts);
    return {
      kind: "runs",
      runs: await Promise.all(lists.map((list) => texts.runs(list))),
    };
  } catch (error) {
    if (error instanceof Failure) return { kind: "invalid", why: error.message };
    throw error;
  }
}

/** The one that was asked for last stays longest. */
function keep(id: string, texts: TokenTexts): void {
  open.delete(id);
  open.set(id, texts);
  const [oldest] = open.keys();
  if (open.size > mostOpen && oldest !== undefined) open.delete(oldest);
}

serveTasks<ReaderTask, ReaderAnswer>(read);
