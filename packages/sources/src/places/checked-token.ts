import { Failure } from "@shardmill/core";

/** Null for none. A token with a line break in it would show up in the HTTP client's own error message. */
export function checkedToken(token: string | null): string | null {
  const text = token?.trim() ?? "";
  if (/[^\x21-\x7e]/.test(text))
    throw new Failure("source_unauthorized", "expected a token, found other text");
  return text === "" ? null : text;
}
