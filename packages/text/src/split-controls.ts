import type { Message } from "@shardmill/core";
import type { ControlToken, TokenizerParts } from "./tokenizer-files.ts";

/** A rendered conversation in its order, from `from` to before `to` (UTF-16 units): a control token, or text. */
export type Piece =
  | { readonly kind: "control"; readonly from: number; readonly to: number; readonly id: number }
  | { readonly kind: "text"; readonly from: number; readonly to: number };

/** Messages to be rendered, and what to do with what is rendered. */
export interface Hidden {
  readonly messages: readonly Message[];
  /** No message holds the text of a control token. */
  readonly isNothing: boolean;
  show(text: string): string;
}

/** All private-use characters: those of one UTF-16 unit first, since a template may count or cut what it is given. */
const signs = /[\ue000-\uf8ff\u{f0000}-\u{ffffd}\u{100000}-\u{10fffd}]/gu;
const signRanges = [
  [0xe000, 0xf8ff],
  [0xf0000, 0xffffd],
  [0x100000, 0x10fffd],
] as const;

/**
 * Tells the template's own control tokens from texts that look like them. What a message says of such texts is hidden while
 * the template is rendered, one private-use character for each, so that whatever is found afterwards is the template's. Those
 * that a message or the template holds itself are passed over. (answer-spans.ts renders signs of its own in place of all
 * contents, never beside these.)
 */
export class Controls {
  readonly #byContent: ReadonlyMap<string, ControlToken>;
  readonly #pattern: RegExp | null;
  /** Signs that the template may write itself. */
  readonly #templateSigns: ReadonlySet<string>;

  constructor({
    controls,
    template,
    variables,
  }: Pick<TokenizerParts, "controls" | "template" | "variables">) {
    this.#byContent = new Map(controls.map((control) => [control.content, control]));
    // Leftmost, then longest, as the tokenizers library finds them.
    const contents = [...this.#byContent.keys()].sort((a, b) => b.length - a.length);
    this.#pattern = contents.length === 0 ? null : new RegExp(contents.map(escaped).join("|"), "g");
    this.#templateSigns = signsIn([template, ...Object.values(variables)]);
  }

  /** Null where every sign is in use: there is nothing left to hide such texts behind. */
  hide(messages: readonly Message[]): Hidden | null {
    const pattern = this.#pattern;
    if (pattern === null || messages.every(({ text }) => text.search(pattern) < 0))
      return { messages, isNothing: true, show: (text) => text };
    const used = signsIn(messages.map(({ text }) => text));
    const free = freeSigns([used, this.#templateSigns]);
    const hidden = new Map<string, string>();
    const shown = new Map<string, string>();
    for (const { text } of messages)
      for (const [content] of text.matchAll(pattern)) {
        if (hidden.has(content)) continue;
        const { value: sign } = free.next();
        if (sign === undefined) return null;
        hidden.set(content, sign);
        shown.set(sign, content);
      }
    return {
      messages: messages.map(({ role, text }) => ({
        role,
        text: text.replace(pattern, (content) => hidden.get(content) ?? content),
      })),
      isNothing: false,
      show: (text) => text.replace(signs, (sign) => shown.get(sign) ?? sign),
    };
  }

  split(rendered: string): Piece[] {
    const pieces: Piece[] = [];
    let at = 0;
    const text = (to: number): void => {
      if (to > at) pieces.push({ kind: "text", from: at, to });
    };
    for (const match of this.#pattern === null ? [] : rendered.matchAll(this.#pattern)) {
      const control = this.#byContent.get(match[0]);
      if (control === undefined || match.index < at) continue;
      text(control.lstrip ? at + rendered.slice(at, match.index).trimEnd().length : match.index);
      const to = match.index + match[0].length;
      pieces.push({ kind: "control", from: match.index, to, id: control.id });
      at = control.rstrip ? rendered.length - rendered.slice(to).trimStart().length : to;
    }
    text(rendered.length);
    return pieces;
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function signsIn(texts: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const text of texts) for (const [sign] of text.matchAll(signs)) found.add(sign);
  return found;
}

function* freeSigns(used: readonly ReadonlySet<string>[]): Generator<string, undefined> {
  for (const [first, last] of signRanges)
    for (let code = first; code <= last; code += 1) {
      const sign = String.fromCodePoint(code);
      if (!used.some((all) => all.has(sign))) yield sign;
    }
}
