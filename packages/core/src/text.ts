import type { Rejection } from "./failure.ts";
import type { Message } from "./messages.ts";

/** What of a conversation's tokens is kept, and what the loss is taken on. */
export interface TokenSettings {
  /** answer: what the assistant says, with the end of its message; all: every token. */
  readonly loss: "answer" | "all";
  readonly maxTokens: number;
  /** What is longer is cut on the right, or left out. */
  readonly overflow: "cut" | "leave-out";
  /** The first so many answers are what is given: with `answer` the loss is not taken on them. Default 0. */
  readonly answersGiven?: number;
}

/** A conversation as a model is trained on it. */
export interface ConversationTokens {
  readonly tokenIds: Uint32Array;
  /** As long as `tokenIds`: 1 where the loss is taken, else 0. At least one is 1. */
  readonly lossMask: Uint8Array;
  /** It was longer than `maxTokens`. */
  readonly truncated: boolean;
}

export type TokenResult =
  | ({ readonly kind: "tokens" } & ConversationTokens)
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** A bounded pool of children with one tokenizer each and its chat template. Calls beyond the bound wait for their turn. */
export interface TextPool {
  tokenize(messages: readonly Message[], settings: TokenSettings, signal: AbortSignal): Promise<TokenResult>;
  close(): Promise<void>;
}

/** Sums over samples with tokens. */
export interface TokenCounts {
  readonly all: number;
  /** Those that the loss is taken on. */
  readonly loss: number;
  /** Samples that were cut. */
  readonly cut: number;
}

export function addTokens(a: TokenCounts | undefined, b: TokenCounts | undefined): TokenCounts | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { all: a.all + b.all, loss: a.loss + b.loss, cut: a.cut + b.cut };
}
