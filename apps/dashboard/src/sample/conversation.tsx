type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface Message {
  readonly who: "system" | "user" | "assistant";
  readonly text: string;
}

/** The texts of a sample as a person reads them: the caption, or the turns of its conversation. */
export function Conversation({ json }: { json: Record<string, unknown> }) {
  const messages = messagesOf(json);
  // One that repeats an answer stands among the turns already.
  const isOwn = json.caption_from !== "answer" && typeof json.caption === "string";
  const caption = isOwn ? String(json.caption) : null;
  if (caption === null && messages.length === 0) return <p class="empty">This sample has no text.</p>;
  return (
    <>
      {caption === null ? null : <p class="caption">{caption}</p>}
      {messages.length === 0 ? null : (
        <ol class="turns">
          {messages.map(({ who, text }, at) => (
            <li key={`${at}${who}`} class={who}>
              <span class="who">{who}</span>
              <p>{text}</p>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function messagesOf(json: Record<string, unknown>): Message[] {
  const messages: Message[] = [];
  const list = Array.isArray(json.conversations) ? (json.conversations as Json[]) : [];
  for (const turn of list) {
    if (typeof turn !== "object" || turn === null || Array.isArray(turn)) continue;
    for (const who of ["system", "user", "assistant"] as const) {
      const text = turn[who];
      if (typeof text === "string" && text !== "") messages.push({ who, text });
    }
  }
  return messages;
}
