import { captionOf, messagesOf } from "./messages.ts";

/** The texts of a sample as a person reads them: the caption, or the turns of its conversation. */
export function Conversation({ json, none }: { json: Record<string, unknown>; none: string }) {
  const messages = messagesOf(json);
  const caption = captionOf(json);
  if (caption === null && messages.length === 0) return <p class="empty">{none}</p>;
  return (
    <>
      {caption === null ? null : (
        <p class="caption" dir="auto">
          {caption}
        </p>
      )}
      {messages.length === 0 ? null : (
        <ol class="turns">
          {messages.map(({ who, text }, at) => (
            <li key={`${at}${who}`} class={who}>
              <span class="who">{who}</span>
              <p dir="auto">{text}</p>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
