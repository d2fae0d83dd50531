/**
 * What the training of this project's user reads of a sample: the rules of its loader and of its shard checker, written after
 * the description of both and sharing no code with what is tested.
 */
export interface ReadSample {
  readonly problem: string | null;
  readonly turns: readonly { readonly user: string; readonly assistant: string }[];
}

const isBits = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((one) => one === 0 || one === 1);
const isIds = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => Number.isInteger(one) && one >= 0);

export function seedReads(json: Readonly<Record<string, unknown>>, pictures: number): ReadSample {
  const { token_ids: ids, loss_mask: mask, caption, user, assistant, source, frame_count: frames } = json;
  const told = (problem: string): ReadSample => ({ problem, turns: [] });
  if (typeof source !== "string" || source === "") return told("no source");
  // A placeholder is there to be seen by the loader, and shows nothing.
  const isText = json.is_text_only === true && frames === 0;
  if (frames !== pictures && !isText) return told(`frame_count ${String(frames)}, ${pictures} pictures`);
  if (pictures === 0) return told("no picture: the loader drops it");
  if ("chosen_token_ids" in json || "chosen_assistant" in json) return pairRead(json);
  if (ids !== undefined) {
    if (!isIds(ids)) return told("token_ids are no ids");
    if (!isBits(mask) || mask.length !== ids.length) return told("loss_mask is not as long as token_ids");
    return { problem: mask.includes(1) ? null : "no token to learn from", turns: [] };
  }
  if (typeof caption !== "string" || caption === "") return told("an empty caption");
  if (typeof user === "string" && typeof assistant === "string")
    return { problem: null, turns: [{ user, assistant }] };
  return { problem: null, turns: [{ user: "", assistant: caption }] };
}

/** A preference pair: its texts for the loader, and both sides' tokens for the checker where it has any. */
function pairRead(json: Readonly<Record<string, unknown>>): ReadSample {
  const told = (problem: string): ReadSample => ({ problem, turns: [] });
  for (const key of ["user", "chosen_assistant", "rejected_assistant"])
    if (typeof json[key] !== "string") return told(`no ${key}`);
  for (const side of ["chosen", "rejected"]) {
    const [ids, mask] = [json[`${side}_token_ids`], json[`${side}_loss_mask`]];
    if (ids === undefined && typeof json.caption === "string" && json.caption !== "") continue;
    if (!isIds(ids)) return told(`${side}_token_ids are no ids`);
    if (!isBits(mask) || mask.length !== ids.length) return told(`${side}_loss_mask is not as long`);
    if (!mask.includes(1)) return told(`no token of ${side} to learn from`);
  }
  const [user, assistant] = [String(json.user), String(json.chosen_assistant)];
  return { problem: null, turns: [{ user, assistant }] };
}
