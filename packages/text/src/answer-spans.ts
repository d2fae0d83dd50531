import type { Message } from "@shardmill/core";

/** From `from` to before `to`, UTF-16 units of the rendered text. */
interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Rendered {
  readonly text: string;
  readonly spans: readonly Span[];
}

type Render = (messages: readonly Message[], begins: boolean) => string;

/** What a template writes for an order of roles: its own words around the contents, and where among them answers lie. */
interface Frame {
  /** One more than there are messages. */
  readonly words: readonly string[];
  readonly spans: readonly Span[];
}

/** Orders of roles whose frames are remembered. */
const maxFrames = 200;

/**
 * Where the answers stand in rendered conversations: from behind the words with which a template begins an answer, to the
 * end of what it writes for that message. For one turn this is the prefix rule: all that a model is given is no part of
 * it, all that it has to say is.
 *
 * A template renders each beginning of a conversation for that. Nearly all of them write contents as they are, between words
 * that follow from the roles alone: so the words are found once for each order of roles, and where a rendered conversation is made of
 * them, so are its spans. Where that is known of the template (blind-template.ts) nothing is rendered any more.
 */
export class AnswerSpans {
  readonly #render: Render;
  readonly #isBlind: boolean;
  readonly #frames = new Map<string, Frame | null>();

  /** `isBlind`: what the template writes around contents is known to follow from the roles. */
  constructor(render: Render, isBlind: boolean) {
    this.#render = render;
    this.#isBlind = isBlind;
  }

  /** The rendered conversation alone. Throws what the template raises. */
  textOf(messages: readonly Message[]): string {
    const frame = this.#isBlind ? this.#frameOf(messages) : null;
    return frame === null ? this.#render(messages, false) : filled(frame, messages);
  }

  /** Null where the template does not write a conversation as its own beginning goes on. Throws what it raises. */
  of(messages: readonly Message[]): Rendered | null {
    const frame = this.#frameOf(messages);
    if (frame === null) return spansByBeginnings(messages, this.#render);
    const text = this.#isBlind ? filled(frame, messages) : this.#render(messages, false);
    return framed(frame, messages, text) ?? spansByBeginnings(messages, this.#render);
  }

  #frameOf(messages: readonly Message[]): Frame | null {
    const order = messages.map(({ role }) => role).join(" ");
    const known = this.#frames.get(order);
    if (known !== undefined) return known;
    const found = this.#findFrame(messages);
    if (this.#frames.size < maxFrames) this.#frames.set(order, found);
    return found;
  }

  #findFrame(messages: readonly Message[]): Frame | null {
    const signs = messages.map((_, index) => signOf(index));
    const empty = messages.map(({ role }, index) => ({ role, text: signs[index] ?? "" }));
    const rendered = tried(() => spansByBeginnings(empty, this.#render));
    if (rendered === null) return null;
    const words: string[] = [];
    let rest = rendered.text;
    for (const sign of signs) {
      const [before, ...behind] = rest.split(sign);
      if (before === undefined || behind.length !== 1) return null;
      words.push(before);
      rest = behind[0] ?? "";
    }
    return { words: [...words, rest], spans: rendered.spans };
  }
}

/** Stands for the content of a message: a character of a private plane, two units long. */
function signOf(index: number): string {
  return String.fromCodePoint(0xf0000 + index);
}

/** What a template raises over contents that nobody wrote says nothing of those that somebody did. */
function tried<T>(render: () => T): T | null {
  try {
    return render();
  } catch {
    return null;
  }
}

function filled({ words }: Frame, messages: readonly Message[]): string {
  return words.map((word, index) => word + (messages[index]?.text ?? "")).join("");
}

/** The spans of a text that is made of the frame's words and the contents; null where it is not. */
function framed({ words, spans }: Frame, messages: readonly Message[], text: string): Rendered | null {
  // Where each content ends in the frame, one sign of two units each, and by how much it is longer there.
  const ends: { readonly at: number; readonly shift: number }[] = [];
  let at = 0;
  let shift = 0;
  for (const [index, word] of words.entries()) {
    const content = messages[index]?.text ?? "";
    if (!text.startsWith(word, at + shift) || !text.startsWith(content, at + shift + word.length))
      return null;
    at += word.length + (index < messages.length ? 2 : 0);
    shift += index < messages.length ? content.length - 2 : 0;
    ends.push({ at, shift });
  }
  if (at + shift !== text.length) return null;
  const shifted = (place: number): number => place + (ends.findLast((end) => end.at <= place)?.shift ?? 0);
  return { text, spans: spans.map(({ from, to }) => ({ from: shifted(from), to: shifted(to) })) };
}

function spansByBeginnings(messages: readonly Message[], render: Render): Rendered | null {
  const text = render(messages, false);
  const spans: Span[] = [];
  for (const [index, { role }] of messages.entries()) {
    if (role !== "assistant") continue;
    const before = index === 0 ? beforeFirst(text, render) : render(messages.slice(0, index), true);
    const isLast = index === messages.length - 1;
    const after = isLast ? text : render(messages.slice(0, index + 1), false);
    if (!after.startsWith(before) || !text.startsWith(after)) return null;
    spans.push({ from: before.length, to: after.length });
  }
  return { text, spans };
}

/**
 * What is written before an answer that nothing is said before. Many templates write a system message of their own there, but
 * none where there is no message at all: so no rendered beginning shows it, and a sign in the answer's place does. The answer
 * begins behind the words that begin any other one; where they are not among those before the sign, at the sign.
 */
function beforeFirst(text: string, render: Render): string {
  const sign = signOf(0);
  const [words, ...behind] =
    tried(() => render([{ role: "assistant", text: sign }], false).split(sign)) ?? [];
  if (words === undefined || behind.length !== 1 || !text.startsWith(words)) return render([], true);
  const header = tried(() => headerOf(render)) ?? "";
  const at = words.lastIndexOf(header);
  return at < 0 ? words : words.slice(0, at + header.length);
}

/** What a template writes to begin an answer; nothing where it does not tell. */
function headerOf(render: Render): string {
  const question: Message[] = [{ role: "user", text: signOf(0) }];
  const asked = render(question, false);
  const begun = render(question, true);
  return begun.startsWith(asked) ? begun.slice(asked.length) : "";
}
