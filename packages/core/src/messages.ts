/**
 * What is said in a record. Adapters make messages of it and nothing else, so that whatever is written from them (turns,
 * tokens) is derived in one place each.
 */
export type Role = "system" | "user" | "assistant";

export interface Message {
  readonly role: Role;
  readonly text: string;
}

/** A question and its answer, with the record's system message that holds for them; null where none does. */
export interface Turn {
  readonly system: string | null;
  readonly user: string;
  readonly assistant: string;
}

/** Two answers to one prompt, of which the first is preferred. The prompt ends with what is asked. */
export interface PreferencePair {
  readonly prompt: readonly Message[];
  readonly chosen: string;
  readonly rejected: string;
}

/** The text side of a sample: a caption, conversations, or both; or a pair alone. Nothing is invented. */
export interface SampleText {
  readonly caption: string | null;
  /** One for each record that is a conversation: messages of two records never run into one another. */
  readonly conversations: readonly (readonly Message[])[];
  readonly pair?: PreferencePair;
}

/** A pair's prompt with one of its answers, as a conversation. */
export function answered({ prompt }: PreferencePair, answer: string): SampleText {
  return { caption: null, conversations: [[...prompt, { role: "assistant", text: answer }]] };
}

/**
 * The turns of one conversation. Messages of one role in a row are one; an answer without a question has an empty one. A
 * question without an answer teaches nothing and is left out, but the system message before it holds for what follows. Every turn
 * says the system message that it stands under, so that each is whole by itself.
 */
export function turnsOf(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  let said = nothingSaid();
  for (const { role, text } of messages) {
    if (role !== "assistant" && said.assistant.length > 0) said = ended(said, turns);
    said[role].push(text);
  }
  ended(said, turns);
  return turns;
}

/** A turn as a conversation of its own: what turnsOf makes that turn of. */
export function messagesOfTurn({ system, user, assistant }: Turn): Message[] {
  const messages: Message[] = [];
  if (system !== null) messages.push({ role: "system", text: system });
  if (user !== "") messages.push({ role: "user", text: user });
  messages.push({ role: "assistant", text: assistant });
  return messages;
}

/**
 * All texts of a sample as one conversation to train on: its caption, then every turn. Where a text has no question, `prompt` is
 * asked; where none is given it stands alone. A record's own system message holds for its conversation, `system` for all others.
 */
export function trainingMessages(
  { caption, conversations }: SampleText,
  { system, prompt }: { readonly system: string | null; readonly prompt: string | null },
): Message[] {
  const described: Turn[] = caption === null ? [] : [{ system: null, user: "", assistant: caption }];
  const messages: Message[] = [];
  let standing: string | null = null;
  for (const turns of [described, ...conversations.map(turnsOf)]) {
    for (const turn of turns) {
      const rules = turn.system ?? system;
      if (rules !== null && rules !== standing) messages.push({ role: "system", text: rules });
      standing = rules;
      const asked = turn.user.trim() === "" ? prompt : turn.user;
      if (asked !== null) messages.push({ role: "user", text: asked });
      messages.push({ role: "assistant", text: turn.assistant });
    }
  }
  return messages;
}

/** Each caption and each turn as a text of its own. A record's own system message goes with every turn of its conversation. */
export function separateTurns(text: SampleText): SampleText[] {
  // A pair is about its last answers: the turns before them are what it asks.
  if (text.pair !== undefined) return [text];
  const { caption, conversations } = text;
  const described = caption === null ? [] : [{ caption, conversations: [] }];
  const turns = conversations.flatMap(turnsOf).map((turn) => [messagesOfTurn(turn)]);
  return [...described, ...turns.map((conversation) => ({ caption: null, conversations: conversation }))];
}

interface Said extends Record<Role, string[]> {
  /** The system message that holds until there is another. */
  readonly standing: string | null;
}

function nothingSaid(standing: string | null = null): Said {
  return { system: [], user: [], assistant: [], standing };
}

/** Puts the turn where it has an answer; returns what the next one begins with. */
function ended({ system, user, assistant, standing }: Said, turns: Turn[]): Said {
  const answer = assistant.join("\n");
  if (answer.trim() === "") return { ...nothingSaid(standing), system };
  const own = system.join("\n");
  const rules = own.trim() === "" ? standing : own;
  turns.push({ system: rules, user: user.join("\n"), assistant: answer });
  return nothingSaid(rules);
}
