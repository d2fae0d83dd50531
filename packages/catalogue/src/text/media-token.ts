/**
 * Upstream puts a place-holder for the media into the first turn: `<image>` for a video (LLaVA-Video), `<video>` or
 * none elsewhere. The sample holds the media itself, so that the token goes, with the line break around it.
 */
export function withoutMediaTokens(text: string): string {
  if (!/<(?:image|video)>/.test(text)) return text;
  return text
    .replace(/^(?:\s*<(?:image|video)>)+[^\S\n]*\n?/, "")
    .replace(/\n?[^\S\n]*(?:<(?:image|video)>\s*)+$/, "")
    .replace(/\n?[^\S\n]*<(?:image|video)>[^\S\n]*\n?/g, (token) => (token.includes("\n") ? "\n" : " "));
}
