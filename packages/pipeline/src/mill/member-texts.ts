import { sampleText } from "@shardmill/catalogue";
import {
  type AnnotationRecord,
  type ConversationTokens,
  codes,
  type PlannedMember,
  type Rejection,
  type StreamedMember,
  separateTurns,
  type TextPool,
  type TokenCounts,
  trainingMessages,
} from "@shardmill/core";
import { cutDetail } from "../books/sample-cut.ts";
import type { BuildContext } from "../context/build-context.ts";

type SampleText = Extract<ReturnType<typeof sampleText>, { kind: "ok" }> & {
  readonly tokens?: ConversationTokens;
};
type FoundMember = Extract<StreamedMember, { kind: "member" }>;
type RejectedText = { readonly kind: "rejected"; readonly rejection: Rejection };

/** The text of one sample, with what tells it from others of its member, and with its tokens if any are made. */
export type NumberedText = SampleText & {
  /** Of its record, where each makes a sample of its own. */
  readonly record: number | undefined;
  /** Of its turn, likewise. */
  readonly turn: number | undefined;
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
  const texts = textsOf(context, recordsOf(planned, streamed));
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

/** One for each sample that is to be made of the records, or why there is none. */
function textsOf(
  { dataset, build }: BuildContext,
  records: readonly AnnotationRecord[],
): (NumberedText | RejectedText)[] {
  const isOneEach = build.recipe.records === "each";
  const groups = isOneEach ? records.map((record) => [record]) : [records];
  return groups.flatMap((group, index): (NumberedText | RejectedText)[] => {
    const found = sampleText(dataset, group);
    if (found.kind === "rejected") return [found];
    const record = isOneEach ? index : undefined;
    if (build.recipe.turns === "together") return [{ ...found, record, turn: undefined }];
    return separateTurns(found.text).map((text, turn) => ({ ...found, text, record, turn }));
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
  const result = await texts.tokenize(trainingMessages(text.text, recipe), recipe, signal);
  return result.kind === "rejected" ? result : { ...text, tokens: result };
}

function countTokens(texts: readonly NumberedText[]): TokenCounts | undefined {
  const made = texts.flatMap(({ tokens }) => tokens ?? []);
  if (made.length === 0) return undefined;
  return {
    all: made.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0),
    loss: made.reduce((sum, { lossMask }) => sum + lossMask.reduce((all, one) => all + one, 0), 0),
    cut: made.filter(({ truncated }) => truncated).length,
  };
}

/** What a reader of the ledger would miss otherwise: texts that were cut, records without one. */
function detailOf(
  { build }: BuildContext,
  texts: number,
  { usable, unusable }: { readonly usable: readonly NumberedText[]; readonly unusable: RejectedText | null },
): string | null {
  const cut = usable.filter(({ tokens }) => tokens?.truncated === true).length;
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
  return `${texts - usable} of ${texts} ${what} have no text (${code}: ${detail})`;
}

/** The records of the annotation files, or the one that came with the row. */
function recordsOf(planned: PlannedMember, streamed: FoundMember): readonly AnnotationRecord[] {
  if (streamed.content.kind === "images" && streamed.content.record !== null) {
    return [streamed.content.record];
  }
  return planned.records;
}
