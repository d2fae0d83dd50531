type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface Turn {
  readonly who: string;
  readonly text: string;
}

/** The texts of a sample as a person reads them: the caption, or the turns of its conversation. */
export function Conversation({ json }: { json: Record<string, unknown> }) {
  const turns = turnsOf(json);
  const caption = typeof json.caption === "string" ? json.caption : null;
  if (caption === null && turns.length === 0) return <p class="empty">This sample has no text.</p>;
  return (
    <>
      {caption === null ? null : <p class="caption">{caption}</p>}
      {turns.length === 0 ? null : (
        <ol class="turns">
          {turns.map(({ who, text }, at) => (
            <li key={`${at}${who}`} class={who === "user" || who === "human" ? "user" : "assistant"}>
              <span class="who">{who}</span>
              <p>{text}</p>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function turnsOf(json: Record<string, unknown>): Turn[] {
  const turns: Turn[] = [];
  const list = Array.isArray(json.conversations) ? (json.conversations as Json[]) : [];
  for (const one of list) {
    if (typeof one !== "object" || one === null || Array.isArray(one)) continue;
    const who = one.from ?? one.role;
    const text = one.value ?? one.content;
    if (typeof who === "string" && typeof text === "string") turns.push({ who, text });
    else if (typeof one.user === "string" && typeof one.assistant === "string") {
      turns.push({ who: "user", text: one.user }, { who: "assistant", text: one.assistant });
    }
  }
  if (turns.length > 0) return turns;
  for (const who of ["user", "assistant"]) {
    const text = json[who];
    if (typeof text === "string" && text !== "") turns.push({ who, text });
  }
  return turns;
}
