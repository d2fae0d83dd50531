import { recordValues, sampleText } from "@shardmill/catalogue";
import {
  type AnnotationRecord,
  answered,
  type ConversationTokens,
  codes,
  type PlannedMember,
  type Rejection,
  reject,
  ruledOut,
  type StreamedMember,
  separateTurns,
  type SampleText as Text,
  type TextPool,
  type TokenCounts,
  trainingMessages,
  turnsOf,
  type WhereValues,
} from "@shardmill/core";
import { isOneEach, recordGroups } from "../annotations/where-records.ts";
import { cutDetail } from "../books/sample-cut.ts";
import type { BuildContext } from "../context/build-context.ts";

type SampleText = Extract<ReturnType<typeof sampleText>, { kind: "ok" }> & {
  readonly tokens?: TokensOf;
};
/** Of its one conversation, or of both sides of its pair. */
type TokensOf =
  | { readonly kind: "one"; readonly tokens: ConversationTokens }
  | { readonly kind: "pair"; readonly chosen: ConversationTokens; readonly rejected: ConversationTokens };
type FoundMember = Extract<StreamedMember, { kind: "member" }>;
type RejectedText = { readonly kind: "rejected"; readonly rejection: Rejection };

/** The text of one sample, with what tells it from others of its member, and with its tokens if any are made. */
export type NumberedText = SampleText & {
  /** Of its record, where each makes a sample of its own. */
  readonly record: number | undefined;
  /** Of its turn, likewise. */
  readonly turn: number | undefined;
  /** What its record says of what the recipe asks; none where nothing is asked. */
  readonly known: WhereValues;
};

/** What the records of a member give. */
export interface MemberTexts {
  readonly usable: readonly NumberedText[];
  /** Why the first that gives none does not. */
  readonly rejection: Rejection | null;
  /** What a reader of the ledger would miss otherwise: texts that were cut, records without one. */
  readonly detail: string | null;
  readonly tokens: TokenCounts | undefined;
}

/** The texts of a member, and their tokens where the recipe makes them: all of it before any picture is decoded. */
export async function memberTexts(
  context: BuildContext,
  { planned, streamed }: { readonly planned: PlannedMember; readonly streamed: FoundMember },
  tools: { readonly texts: TextPool | null; readonly signal: AbortSignal },
): Promise<MemberTexts> {
  return tokenizedTexts(context, textsOf(context, planned.name, recordsOf(planned, streamed)), tools);
}

/** The texts of a member's samples, each with its tokens where the recipe makes them. */
export async function tokenizedTexts(
  context: BuildContext,
  texts: readonly (NumberedText | RejectedText)[],
  tools: { readonly texts: TextPool | null; readonly signal: AbortSignal },
): Promise<MemberTexts> {
  const found = await Promise.all(texts.map((text) => withTokens(context, text, tools)));
  const usable = found.flatMap((text) => (text.kind === "ok" ? [text] : []));
  const rejected = found.filter((text) => text.kind === "rejected");
  // What may pass with another try is tried with the whole member: of one that is packed nothing is tried again.
  const passing = rejected.find(({ rejection }) => codes[rejection.code].retryable);
  if (passing !== undefined)
    return { usable: [], rejection: passing.rejection, detail: null, tokens: undefined };
  const unusable = rejected[0] ?? null;
  return {
    usable,
    rejection: unusable?.rejection ?? null,
    detail: detailOf(context, found.length, { usable, unusable }),
    tokens: countTokens(usable),
  };
}

const nothing: WhereValues = new Map();

/** One for each sample that is to be made of the records, or why there is none. */
function textsOf(
  { dataset, build }: BuildContext,
  member: string,
  records: readonly AnnotationRecord[],
): (NumberedText | RejectedText)[] {
  const { where, turns } = build.recipe;
  const rules = { dataset, recipe: build.recipe };
  return recordGroups(rules, records).flatMap((group, index): (NumberedText | RejectedText)[] => {
    const found = sampleText(dataset, group);
    if (found.kind === "rejected") return [found];
    const known = where === undefined ? nothing : recordValues(dataset, { member, ...found });
    const rule = ruledOut(where, known);
    if (rule !== null) return [{ kind: "rejected", rejection: reject("filtered", rule) }];
    const record = isOneEach(rules) ? index : undefined;
    if (turns === "together") return [{ ...found, record, turn: undefined, known }];
    return separateTurns(found.text).map((text, turn) => ({ ...found, text, record, turn, known }));
  });
}

async function withTokens(
  { build }: BuildContext,
  text: NumberedText | RejectedText,
  { texts, signal }: { readonly texts: TextPool | null; readonly signal: AbortSignal },
): Promise<NumberedText | RejectedText> {
  const recipe = build.recipe.text;
  if (text.kind === "rejected" || recipe.format === "raw") return text;
  if (texts === null) throw new Error("the recipe makes tokens, and no text pool was given");
  const tokens = await tokensOf(text.text, recipe, { texts, signal });
  return tokens.kind === "rejected" ? tokens : { ...text, tokens };
}

type TokenRecipe = Extract<BuildContext["build"]["recipe"]["text"], { format: "tokens" }>;

/** The tokens of a text as the recipe makes them; of a pair with the loss on its last answers alone. */
async function tokensOf(
  text: Text,
  recipe: TokenRecipe,
  { texts, signal }: { readonly texts: TextPool; readonly signal: AbortSignal },
): Promise<TokensOf | RejectedText> {
  const { pair } = text;
  if (pair === undefined) {
    const made = await texts.tokenize(trainingMessages(text, recipe), recipe, signal);
    return made.kind === "rejected" ? made : { kind: "one", tokens: made };
  }
  const settings = { ...recipe, answersGiven: turnsOf(pair.prompt).length };
  const side = (answer: string) =>
    texts.tokenize(trainingMessages(answered(pair, answer), recipe), settings, signal);
  const [chosen, rejected] = await Promise.all([side(pair.chosen), side(pair.rejected)]);
  if (chosen.kind === "rejected") return chosen;
  if (rejected.kind === "rejected") return rejected;
  const areSame =
    chosen.tokenIds.length === rejected.tokenIds.length &&
    chosen.tokenIds.every((id, at) => id === rejected.tokenIds[at]);
  if (areSame)
    return { kind: "rejected", rejection: reject("no_preference", "both answers have the same tokens") };
  return { kind: "pair", chosen, rejected };
}

export function countTokens(texts: readonly NumberedText[]): TokenCounts | undefined {
  const made = texts.flatMap(conversationsMade);
  if (made.length === 0) return undefined;
  return {
    all: made.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0),
    loss: made.reduce((sum, { lossMask }) => sum + lossMask.reduce((all, one) => all + one, 0), 0),
    cut: texts.filter(isCut).length,
  };
}

function conversationsMade({ tokens }: NumberedText): readonly ConversationTokens[] {
  if (tokens === undefined) return [];
  return tokens.kind === "one" ? [tokens.tokens] : [tokens.chosen, tokens.rejected];
}

function isCut(text: NumberedText): boolean {
  return conversationsMade(text).some(({ truncated }) => truncated);
}

/** What a reader of the ledger would miss otherwise: texts that were cut, records without one. */
function detailOf(
  { build }: BuildContext,
  texts: number,
  { usable, unusable }: { readonly usable: readonly NumberedText[]; readonly unusable: RejectedText | null },
): string | null {
  const cut = usable.filter(isCut).length;
  const what = build.recipe.turns === "each" ? "turns" : "records";
  const words = [
    ...(unusable === null ? [] : [lackingDetail(what, texts, usable.length, unusable)]),
    ...cutDetail(cut, usable.length),
  ];
  return words.length === 0 ? null : words.join("; ");
}

/** A member is packed as soon as one of its texts makes a sample; what the others lack is told. */
function lackingDetail(
  what: string,
  texts: number,
  usable: number,
  first: { readonly rejection: Rejection },
): string {
  const { code, detail } = first.rejection;
  const lack = code === "filtered" ? "are left out" : "have no text";
  return `${texts - usable} of ${texts} ${what} ${lack} (${code}: ${detail})`;
}

/** The records of the annotation files, or the one that came with the row. What lay beside its media is in the plan. */
function recordsOf(planned: PlannedMember, streamed: FoundMember): readonly AnnotationRecord[] {
  const { content } = streamed;
  if (planned.records.length > 0 || content.kind === "sample") return planned.records;
  return content.record == null ? [] : [content.record];
}
