/** YAML of a dataset whose captions lie in captions.jsonl; `parts` in YAML, too. No share of failures stops it. */
export function captionedEntry(media: "images" | "video", parts: string): string {
  return `parts: ${parts}
media: ${media}
annotations:
  kind: files
  files: [{ path: captions.jsonl, format: jsonl }]
  key: file
  match: [exact]
text: { adapter: caption, caption: text }
maxFailureShare: 1
`;
}
