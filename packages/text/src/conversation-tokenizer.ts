import { type Message, type Rejection, reject, type TokenResult, type TokenSettings } from "@shardmill/core";
import { answerSpans, type Span } from "./answer-spans.ts";
import { ChatTemplate, messageOf } from "./chat-template.ts";
import { PlainEncoder } from "./plain-encoder.ts";
import { Controls, type Piece } from "./split-controls.ts";
import type { TokenizerParts } from "./tokenizer-files.ts";

/** Characters of a conversation; what is longer would hold up everybody else, and is no text to train on. */
const maxLength = 2 ** 24;

type Rendered = { readonly text: string; readonly spans: readonly Span[] };

/**
 * Messages to token ids and loss mask. The chat template is rendered, its control tokens are told from what the messages
 * say, and each text between two of them is encoded whole. Ids are those of the `transformers` library for the same files
 * with `add_special_tokens=False`, but where a message holds the text of a control token: there it stays text.
 */
export class ConversationTokenizer {
  readonly #template: ChatTemplate;
  readonly #controls: Controls;
  readonly #encoder: PlainEncoder;

  private constructor(template: ChatTemplate, controls: Controls, encoder: PlainEncoder) {
    this.#template = template;
    this.#controls = controls;
    this.#encoder = encoder;
  }

  /** A Failure `tokenizer_invalid` says in one line what is wrong with its files. */
  static open(parts: TokenizerParts): ConversationTokenizer {
    return new ConversationTokenizer(
      ChatTemplate.parse(parts),
      new Controls(parts.controls),
      PlainEncoder.open(parts),
    );
  }

  async tokenize(messages: readonly Message[], settings: TokenSettings): Promise<TokenResult> {
    // With `u` only those that have no other half: they are no characters, and U+FFFD stands for them wherever a text becomes bytes.
    const given = messages.map(({ role, text }) => ({
      role,
      text: text.replace(/\p{Surrogate}/gu, "\ufffd"),
    }));
    const length = given.reduce((sum, { text }) => sum + text.length, 0);
    if (length > maxLength)
      return rejected("too_large", `${length} characters of text; at most ${maxLength} are taken`);
    const hidden = this.#controls.hide(given);
    const rendered = this.#render(hidden.messages, settings.loss);
    if (typeof rendered === "string") return rejected("template_refused", rendered);
    const pieces = this.#controls.split(rendered.text);
    const { ids, loss } = await this.#encode(rendered, pieces, (from, to) =>
      hidden.show(rendered.text.slice(from, to)),
    );
    return within(ids, loss, settings);
  }

  /** The text and where the loss is taken, or why not. */
  #render(messages: readonly Message[], loss: TokenSettings["loss"]): Rendered | string {
    const render = (some: readonly Message[], begins: boolean): string => this.#template.render(some, begins);
    try {
      if (loss === "answer")
        return (
          answerSpans(messages, render) ?? "the template rewrites what it has written of earlier messages"
        );
      const text = render(messages, false);
      return { text, spans: [{ from: 0, to: text.length }] };
    } catch (error) {
      return messageOf(error);
    }
  }

  async #encode(
    { text, spans }: Rendered,
    pieces: readonly Piece[],
    slice: (from: number, to: number) => string,
  ): Promise<{ ids: number[]; loss: number[] }> {
    const edges = [...new Set(spans.flatMap(({ from, to }) => [from, to]))];
    // A text and, where a span begins or ends within it, what of it stands before: as many tokens as that has are before.
    const jobs = pieces.flatMap((piece) => {
      if (piece.kind === "control") return [];
      const within = edges.filter((edge) => edge > piece.from && edge < piece.to);
      return [piece.to, ...within].map((to) => ({ from: piece.from, to }));
    });
    const encoded = await this.#encoder.encode(
      jobs.map(({ from, to }) => ({ text: slice(from, to), isFirst: from === 0 })),
    );
    const found = new Map(jobs.map(({ from, to }, index) => [`${from}-${to}`, encoded[index] ?? []]));
    const ids: number[] = [];
    const loss: number[] = [];
    for (const piece of pieces) {
      const own = piece.kind === "control" ? [piece.id] : (found.get(`${piece.from}-${piece.to}`) ?? []);
      const placeOf = (edge: number): number => {
        if (edge <= piece.from) return 0;
        if (edge >= piece.to) return own.length;
        return Math.min(own.length, found.get(`${piece.from}-${edge}`)?.length ?? 0);
      };
      const marks = new Array<number>(own.length).fill(0);
      for (const { from, to } of spans) marks.fill(1, placeOf(from), placeOf(Math.min(to, text.length)));
      for (const id of own) ids.push(id);
      for (const mark of marks) loss.push(mark);
    }
    return { ids, loss };
  }
}

function within(ids: readonly number[], loss: readonly number[], settings: TokenSettings): TokenResult {
  const { maxTokens, overflow } = settings;
  const truncated = ids.length > maxTokens;
  if (truncated && overflow === "leave-out")
    return rejected("text_too_long", `${ids.length} tokens; recipe.text.maxTokens is ${maxTokens}`);
  const lossMask = Uint8Array.from(loss.slice(0, maxTokens));
  if (!lossMask.includes(1)) {
    const why = truncated
      ? `the first ${maxTokens} of ${ids.length} tokens are before any answer`
      : "nothing is answered";
    return rejected("no_loss_tokens", why);
  }
  return { kind: "tokens", tokenIds: Uint32Array.from(ids.slice(0, maxTokens)), lossMask, truncated };
}

function rejected(code: Rejection["code"], detail: string): TokenResult {
  return { kind: "rejected", rejection: reject(code, detail) };
}
