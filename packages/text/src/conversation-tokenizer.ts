import { type Message, type Rejection, reject, type TokenResult, type TokenSettings } from "@shardmill/core";
import { AnswerSpans, type Rendered } from "./answer-spans.ts";
import { ChatTemplate, messageOf } from "./chat-template.ts";
import { Encoder, type PlainText } from "./encoder.ts";
import { Controls, type Hidden, type Piece } from "./split-controls.ts";
import type { TokenizerParts } from "./tokenizer-files.ts";

/** Characters of a conversation; what is longer would hold up everybody else, and is no text to train on. */
const maxLength = 2 ** 24;

/**
 * Messages to token ids and loss mask. The chat template is rendered, its control tokens are told from what the messages
 * say, and each text between two of them is encoded whole. Ids are those of the `transformers` library for the same files
 * with `add_special_tokens=False`, but where a message holds the text of a control token: there it stays text.
 */
export class ConversationTokenizer {
  readonly #answers: AnswerSpans;
  readonly #controls: Controls;
  readonly #encoder: Encoder;

  private constructor(template: ChatTemplate, controls: Controls, encoder: Encoder) {
    this.#answers = new AnswerSpans(
      (messages, begins) => template.render(messages, begins),
      template.isBlind,
    );
    this.#controls = controls;
    this.#encoder = encoder;
  }

  /** A Failure `tokenizer_invalid` says in one line what is wrong with its files. */
  static open(parts: TokenizerParts): ConversationTokenizer {
    return new ConversationTokenizer(ChatTemplate.parse(parts), new Controls(parts), Encoder.open(parts));
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
    if (hidden === null)
      return rejected(
        "too_large",
        "it holds every private-use character, and the text of a control token besides",
      );
    const rendered = this.#render(hidden.messages, settings);
    if (typeof rendered === "string") return rejected("template_refused", rendered);
    const pieces = this.#controls.split(rendered.text);
    return within(await this.#encode(rendered, pieces, hidden), settings);
  }

  /** The text and where the loss is taken, or why not. */
  #render(messages: readonly Message[], { loss, answersGiven = 0 }: TokenSettings): Rendered | string {
    try {
      if (loss === "answer") {
        const rendered = this.#answers.of(messages);
        if (rendered === null) return "the template rewrites what it has written of earlier messages";
        return { ...rendered, spans: rendered.spans.slice(answersGiven) };
      }
      const text = this.#answers.textOf(messages);
      return { text, spans: [{ from: 0, to: text.length }] };
    } catch (error) {
      return messageOf(error);
    }
  }

  async #encode({ text, spans }: Rendered, pieces: readonly Piece[], hidden: Hidden): Promise<Encoded> {
    const said = (from: number, to: number) => ({
      text: hidden.show(text.slice(from, to)),
      isFirst: from === 0,
    });
    const { ids, ends } =
      (hidden.isNothing ? splitAtControls(await this.#encoder.encodeWhole(text), pieces) : null) ??
      (await this.#encodeApart(pieces, said));
    const loss = new Uint8Array(ids.length);
    for (const [at, piece] of pieces.entries()) {
      const [before, behind] = [ends[at - 1] ?? 0, ends[at] ?? 0];
      // As many tokens as there are in what stands before the edge, where a span begins or ends within a text.
      const placeOf = async (edge: number): Promise<number> =>
        Math.min(behind, before + (await this.#encoder.count(said(piece.from, edge))));
      for (const { from, to } of spans) {
        if (to <= piece.from || from >= piece.to) continue;
        const first = from <= piece.from ? before : await placeOf(from);
        loss.fill(1, first, to >= piece.to ? behind : await placeOf(to));
      }
    }
    return { ids, loss };
  }

  async #encodeApart(
    pieces: readonly Piece[],
    said: (from: number, to: number) => PlainText,
  ): Promise<Split> {
    const texts = pieces.filter(({ kind }) => kind === "text").map(({ from, to }) => said(from, to));
    const encoded = (await this.#encoder.encodeAll(texts)).values();
    const ids: number[] = [];
    const ends: number[] = [];
    for (const piece of pieces) {
      if (piece.kind === "control") ids.push(piece.id);
      else for (const id of encoded.next().value ?? []) ids.push(id);
      ends.push(ids.length);
    }
    return { ids, ends };
  }
}

interface Encoded {
  readonly ids: readonly number[];
  readonly loss: Uint8Array;
}

/** Ids of a conversation, and before which of them each of its pieces ends. */
interface Split {
  readonly ids: readonly number[];
  readonly ends: readonly number[];
}

/** The ids of a whole text by its pieces; null where its control tokens are not those of the pieces. */
function splitAtControls(ids: readonly number[] | null, pieces: readonly Piece[]): Split | null {
  if (ids === null) return null;
  const controls = new Set<number>();
  for (const piece of pieces) if (piece.kind === "control") controls.add(piece.id);
  const ends: number[] = [];
  let at = 0;
  for (const piece of pieces) {
    const from = at;
    if (piece.kind === "control") at += ids[at] === piece.id ? 1 : 0;
    else while (at < ids.length && !controls.has(ids[at] ?? -1)) at += 1;
    if (at === from) return null;
    ends.push(at);
  }
  return at === ids.length ? { ids, ends } : null;
}

function within({ ids, loss }: Encoded, { maxTokens, overflow }: TokenSettings): TokenResult {
  const truncated = ids.length > maxTokens;
  if (truncated && overflow === "leave-out")
    return rejected("text_too_long", `${ids.length} tokens; recipe.text.maxTokens is ${maxTokens}`);
  const lossMask = truncated ? loss.slice(0, maxTokens) : loss;
  if (!lossMask.includes(1)) {
    const why = truncated
      ? `the first ${maxTokens} of ${ids.length} tokens are before any answer`
      : "nothing is answered";
    return rejected("no_loss_tokens", why);
  }
  const tokenIds = new Uint32Array(truncated ? ids.slice(0, maxTokens) : ids);
  return { kind: "tokens", tokenIds, lossMask, truncated };
}

function rejected(code: Rejection["code"], detail: string): TokenResult {
  return { kind: "rejected", rejection: reject(code, detail) };
}
