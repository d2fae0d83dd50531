type Json = Readonly<Record<string, unknown>>;

export interface Message {
  readonly who: "system" | "user" | "assistant";
  readonly text: string;
}

/** A preference pair's two answers; null where the JSON has only their tokens. */
export interface Answers {
  readonly chosen: string | null;
  readonly rejected: string | null;
}

const roles = ["system", "user", "assistant"] as const;

/** The turns of a sample's conversation; of a preference pair what stands before its two answers. */
export function messagesOf(json: Json): Message[] {
  if (answersOf(json) === null) return listOf(json.conversations).flatMap(turnMessages);
  const prompt = listOf(json.prompt).flatMap(({ role, content }) => {
    const who = roles.find((one) => one === role);
    return who !== undefined && isText(content) ? [{ who, text: content }] : [];
  });
  return prompt.length === 0 && isText(json.user) ? [{ who: "user", text: json.user }] : prompt;
}

export function answersOf(json: Json): Answers | null {
  const { chosen_assistant: chosen, rejected_assistant: rejected } = json;
  if (!isText(chosen) && !isText(rejected)) return null;
  return { chosen: isText(chosen) ? chosen : null, rejected: isText(rejected) ? rejected : null };
}

/** The caption, where it does not repeat an answer that stands among the turns already. */
export function captionOf(json: Json): string | null {
  return json.caption_from !== "answer" && typeof json.caption === "string" ? json.caption : null;
}

function turnMessages(turn: Json): Message[] {
  return roles.flatMap((who) => {
    const text = turn[who];
    return isText(text) ? [{ who, text }] : [];
  });
}

function listOf(value: unknown): Json[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.filter((one): one is Json => typeof one === "object" && one !== null && !Array.isArray(one));
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
