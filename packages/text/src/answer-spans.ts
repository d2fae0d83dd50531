import type { Message } from "@shardmill/core";

/** From `from` to before `to`, UTF-16 units of the rendered text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Where the answers stand in a rendered conversation: from behind the words with which a template begins an answer, to the
 * end of what it writes for that message. For one turn this is the prefix rule: all that a model is given is no part of
 * it, all that it has to say is. Null where the template does not write a conversation as its own beginning goes on.
 */
export function answerSpans(
  messages: readonly Message[],
  render: (messages: readonly Message[], begins: boolean) => string,
): { readonly text: string; readonly spans: readonly Span[] } | null {
  const text = render(messages, false);
  const spans: Span[] = [];
  for (const [index, { role }] of messages.entries()) {
    if (role !== "assistant") continue;
    const before = render(messages.slice(0, index), true);
    const isLast = index === messages.length - 1;
    const after = isLast ? text : render(messages.slice(0, index + 1), false);
    if (!after.startsWith(before) || !text.startsWith(after)) return null;
    spans.push({ from: before.length, to: after.length });
  }
  return { text, spans };
}
