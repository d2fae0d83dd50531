import { kindOf } from "./text-value.ts";

export type ContentText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "invalid"; readonly detail: string };

/** Parts of a message that stand for media: the sample holds those itself. */
const mediaParts = /^(input_)?(image|image_url|video|video_url)$/;

/**
 * A message's text: the text itself, or of a list of parts (`{type: "text", text}` beside `{type: "image"}`) those of its
 * text parts, one after the other, with a token where a picture stands, as in a text that has tokens of its own. A
 * parquet part has every field of every type, null where it is of another.
 */
export function contentText(content: unknown): ContentText {
  if (typeof content === "string") return { kind: "text", text: content };
  if (!Array.isArray(content))
    return { kind: "invalid", detail: `${kindOf(content)}, expected a text or a list of parts` };
  const texts: string[] = [];
  for (const part of content) {
    const text = partText(part);
    if (text === null)
      return { kind: "invalid", detail: `a list with ${partName(part)}, expected text and media` };
    texts.push(text);
  }
  return { kind: "text", text: texts.join("") };
}

function partText(part: unknown): string | null {
  if (typeof part === "string") return part;
  if (typeof part !== "object" || part === null) return null;
  const { type, text }: { type?: unknown; text?: unknown } = part;
  const isText =
    type === "text" || type === "input_text" || type === "output_text" || (type ?? null) === null;
  if (isText && typeof text === "string") return text;
  return typeof type === "string" && mediaParts.test(type) ? "<image>" : null;
}

function partName(part: unknown): string {
  if (typeof part !== "object" || part === null) return kindOf(part);
  const { type }: { type?: unknown } = part;
  return typeof type === "string" ? `a part of type ${type.slice(0, 40)}` : "a part without a type";
}
