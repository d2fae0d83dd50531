import type { Message } from "@shardmill/core";
import type { ControlToken } from "./tokenizer-files.ts";

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

/**
 * Tells the template's own control tokens from texts that look like them. What a message says of such texts is hidden while
 * the template is rendered, one private-use character for each, so that whatever is found afterwards is the template's.
 */
export class Controls {
  readonly #byContent: ReadonlyMap<string, ControlToken>;
  readonly #pattern: RegExp | null;

  constructor(controls: readonly ControlToken[]) {
    this.#byContent = new Map(controls.map((control) => [control.content, control]));
    // Leftmost, then longest, as the tokenizers library finds them.
    const contents = [...this.#byContent.keys()].sort((a, b) => b.length - a.length);
    this.#pattern = contents.length === 0 ? null : new RegExp(contents.map(escaped).join("|"), "g");
  }

  hide(messages: readonly Message[]): Hidden {
    const pattern = this.#pattern;
    if (pattern === null || messages.every(({ text }) => text.search(pattern) < 0))
      return { messages, isNothing: true, show: (text) => text };
    const all = messages.map(({ text }) => text).join("");
    const hidden = new Map<string, string>();
    const shown = new Map<string, string>();
    let next = 0xe000;
    const mask = (content: string): string => {
      const known = hidden.get(content);
      if (known !== undefined) return known;
      while (all.includes(String.fromCharCode(next))) next += 1;
      const sign = String.fromCharCode(next);
      next += 1;
      hidden.set(content, sign);
      shown.set(sign, content);
      return sign;
    };
    return {
      messages: messages.map(({ role, text }) => ({ role, text: text.replace(pattern, mask) })),
      isNothing: false,
      show: (text) => text.replace(/[\ue000-\uf8ff]/g, (sign) => shown.get(sign) ?? sign),
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
