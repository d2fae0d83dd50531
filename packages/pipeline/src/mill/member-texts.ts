import { sampleText } from "@shardmill/catalogue";
import {
  type AnnotationRecord,
  type ConversationTokens,
  type PlannedMember,
  type Rejection,
  type StreamedMember,
  type TextPool,
  type TokenCounts,
  trainingMessages,
} from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";

type SampleText = Extract<ReturnType<typeof sampleText>, { kind: "ok" }> & {
  readonly tokens?: ConversationTokens;
};
type FoundMember = Extract<StreamedMember, { kind: "member" }>;
type RejectedText = { readonly kind: "rejected"; readonly rejection: Rejection };

/** The text of a record group, with its number among those of the member, and with its tokens if any are made. */
export type NumberedText = SampleText & { readonly record: number };

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
  const records = recordsOf(planned, streamed);
  const groups = isOneEach(context) ? records.map((record) => [record]) : [records];
  const found = await Promise.all(groups.map((group) => textOf(context, group, tools)));
  const usable = found.flatMap((text, record) => (text.kind === "ok" ? [{ ...text, record }] : []));
  const unusable = found.find((text) => text.kind === "rejected") ?? null;
  return {
    usable,
    rejection: unusable?.rejection ?? null,
    detail: detailOf(groups.length, usable, unusable),
    tokens: countTokens(usable),
  };
}

/** One sample for each record. */
export function isOneEach({ build }: BuildContext): boolean {
  return build.recipe.records === "each";
}

async function textOf(
  { dataset, build }: BuildContext,
  group: readonly AnnotationRecord[],
  { texts, signal }: { readonly texts: TextPool | null; readonly signal: AbortSignal },
): Promise<SampleText | RejectedText> {
  const text = sampleText(dataset, group);
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
  records: number,
  usable: readonly NumberedText[],
  unusable: RejectedText | null,
): string | null {
  const cut = usable.filter(({ tokens }) => tokens?.truncated === true).length;
  const words = [
    ...(unusable === null ? [] : [lackingDetail(records, usable.length, unusable)]),
    ...(cut === 0 ? [] : [usable.length === 1 ? "truncated" : `truncated: ${cut} of ${usable.length} texts`]),
  ];
  return words.length === 0 ? null : words.join("; ");
}

/** With records `each` a member is packed as soon as one of its records has a text; what the others lack is told. */
function lackingDetail(records: number, usable: number, first: { readonly rejection: Rejection }): string {
  const { code, detail } = first.rejection;
  return `${records - usable} of ${records} records have no text (${code}: ${detail})`;
}

/** The records of the annotation files, or the one that came with the row. */
function recordsOf(planned: PlannedMember, streamed: FoundMember): readonly AnnotationRecord[] {
  if (streamed.content.kind === "images" && streamed.content.record !== null) {
    return [streamed.content.record];
  }
  return planned.records;
}
