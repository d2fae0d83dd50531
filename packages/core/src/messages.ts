/**
 * What is said in a record. Adapters make messages of it and nothing else, so that whatever is written from them (turns,
 * tokens) is derived in one place each.
 */
export type Role = "system" | "user" | "assistant";

export interface Message {
  readonly role: Role;
  readonly text: string;
}

/** A question and its answer, with the system message that stands before them; null where none does. */
export interface Turn {
  readonly system: string | null;
  readonly user: string;
  readonly assistant: string;
}

/** The text side of a sample: a caption, conversations, or both. Nothing is invented. */
export interface SampleText {
  readonly caption: string | null;
  /** One for each record that is a conversation: messages of two records never run into one another. */
  readonly conversations: readonly (readonly Message[])[];
}

/**
 * The turns of one conversation. Messages of one role in a row are one; an answer without a question has an empty one. A
 * question without an answer teaches nothing and is left out, but the system message before it holds for what follows.
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
    let rules = system;
    for (const turn of turns) {
      rules = turn.system ?? rules;
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
export function separateTurns({ caption, conversations }: SampleText): SampleText[] {
  const described = caption === null ? [] : [{ caption, conversations: [] }];
  const turns = conversations.flatMap((messages) => {
    let rules: string | null = null;
    return turnsOf(messages).map(({ system, user, assistant }): SampleText => {
      rules = system ?? rules;
      const before: Message[] = rules === null ? [] : [{ role: "system", text: rules }];
      const asked: Message[] = user === "" ? [] : [{ role: "user", text: user }];
      return {
        caption: null,
        conversations: [[...before, ...asked, { role: "assistant", text: assistant }]],
      };
    });
  });
  return [...described, ...turns];
}

type Said = Record<Role, string[]>;

function nothingSaid(): Said {
  return { system: [], user: [], assistant: [] };
}

/** Puts the turn where it has an answer; returns what the next one begins with. */
function ended({ system, user, assistant }: Said, turns: Turn[]): Said {
  const answer = assistant.join("\n");
  if (answer.trim() === "") return { ...nothingSaid(), system };
  const rules = system.join("\n");
  turns.push({ system: rules.trim() === "" ? null : rules, user: user.join("\n"), assistant: answer });
  return nothingSaid();
}
