import type { Sample } from "@shardmill/shards";

/**
 * The `duration` that a sample's JSON says, in milliseconds; null where it says none. Found in its bytes, since token ids would be
 * many to parse: a quotation mark inside a text is escaped, so that these bytes are the key itself.
 */
export function sampleDurationMs({ members }: Sample): number | null {
  const json = members.find(({ suffix }) => suffix === "json")?.bytes;
  if (json === undefined) return null;
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  const at = bytes.indexOf(key);
  if (at === -1) return null;
  const [text] = /^[\d.]*/.exec(bytes.toString("latin1", at + key.length, at + key.length + 24)) ?? [""];
  return text === "" ? null : Math.round(Number(text) * 1000);
}

const key = Buffer.from(',"duration":');
