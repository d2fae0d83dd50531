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
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isIds = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => Number.isInteger(one) && one >= 0);

export function seedReads(json: Readonly<Record<string, unknown>>, pictures: number): ReadSample {
  const { token_ids: ids, loss_mask: mask, caption, user, assistant, source, frame_count: frames } = json;
  const told = (problem: string): ReadSample => ({ problem, turns: [] });
  if (!isText(source)) return told("no source");
  // A placeholder is there to be seen by the loader, and shows nothing.
  const isAlone = json.is_text_only === true && frames === 0;
  if (frames !== pictures && !isAlone) return told(`frame_count ${String(frames)}, ${pictures} pictures`);
  if (pictures === 0) return told("no picture: the loader drops it");
  if ("chosen_token_ids" in json || "chosen_assistant" in json) {
    const want = { texts: "chosen_assistant" in json, tokens: "chosen_token_ids" in json };
    const { user, chosen_assistant: chosen } = json;
    return {
      problem: seedReadsPair(json, pictures, want),
      turns: [{ user: String(user), assistant: String(chosen) }],
    };
  }
  if (ids !== undefined) return { problem: tokenProblem(ids, mask), turns: [] };
  if (typeof caption !== "string" || caption === "") return told("an empty caption");
  if (typeof user === "string" && typeof assistant === "string")
    return { problem: null, turns: [{ user, assistant }] };
  return { problem: null, turns: [{ user: "", assistant: caption }] };
}

/** A preference pair: the loader reads its texts, the checker its tokens where it has some. */
export function seedReadsPair(
  json: Readonly<Record<string, unknown>>,
  pictures: number,
  want: { readonly texts: boolean; readonly tokens: boolean },
): string | null {
  if (!isText(json.source)) return "no source";
  if (pictures !== 1 || json.frame_count !== 1) return `frame_count ${String(json.frame_count)}, ${pictures}`;
  if (want.texts && !isText(json.user)) return "no user";
  for (const side of ["chosen", "rejected"]) {
    if (want.texts && !isText(json[`${side}_assistant`])) return `no ${side}_assistant`;
    const problem = tokenProblem(json[`${side}_token_ids`], json[`${side}_loss_mask`]);
    if (want.tokens && problem !== null) return `${side}: ${problem}`;
  }
  return null;
}

function tokenProblem(ids: unknown, mask: unknown): string | null {
  if (!isIds(ids)) return "token_ids are no ids";
  if (!isBits(mask) || mask.length !== ids.length) return "loss_mask is not as long as token_ids";
  return mask.includes(1) ? null : "no token to learn from";
}
