import { composeSampleJson, rowsName, type SampleMedia, shownValues } from "@shardmill/catalogue";
import {
  basename,
  type Dataset,
  type MediaPool,
  type PartPlan,
  type PlannedMember,
  type Rejection,
  reject,
  ruledOut,
  type StreamedMember,
  sampleKey,
  sourceNameOf,
  type TextPool,
} from "@shardmill/core";
import type { Sample } from "@shardmill/shards";
import type { BuildContext } from "../context/build-context.ts";
import { cutOf } from "../stream/shared-cuts.ts";
import type { Work } from "../stream/stream-item.ts";
import { makeCut } from "./make-cut.ts";
import { makePictures, makeSpans, type Pictures, stretchWithin } from "./make-pictures.ts";
import { countTokens, type MemberTexts, memberTexts, type NumberedText } from "./member-texts.ts";
import { keepsRaw, leftOut, type Outcome, packed, withoutText } from "./outcome.ts";

/** What makes pictures and tokens. */
export interface SampleTools {
  readonly pool: MediaPool;
  /** Null where texts stay as they are. */
  readonly texts: TextPool | null;
  readonly signal: AbortSignal;
}

/** The part that a member is of: its name and its files. */
export type OfPart = Pick<PartPlan, "subset" | "part" | "archive" | "pieces">;

/** A member whose pictures are made, in the part that it is of. */
interface MadeMember {
  readonly part: OfPart;
  readonly planned: PlannedMember;
  readonly pictures: Pictures;
}

/** A member with what its records give. */
interface FoundTexts {
  readonly planned: PlannedMember;
  readonly streamed: Extract<StreamedMember, { kind: "member" }>;
  readonly texts: MemberTexts;
}

/** One member to its sample(s): pictures through the media pool, text through the dataset's adapter, JSON. */
export async function makeSample(
  context: BuildContext,
  part: OfPart,
  { planned, streamed }: Work,
  tools: SampleTools,
): Promise<Outcome> {
  if (streamed.kind === "rejected") return leftOut(planned, streamed.rejection, 1);
  const texts = await memberTexts(context, { planned, streamed }, tools);
  if (texts.usable.length === 0) return withoutText(planned, texts.rejection);
  if (context.dataset.bounds !== undefined)
    return makeBounded(context, part, { planned, streamed, texts }, tools);
  const cut = cutOf(planned);
  const made =
    cut === null
      ? await makePictures(context, streamed, tools)
      : await makeCut(context, streamed, cut, tools);
  if (made.kind === "rejected") return leftOut(planned, made.rejection, made.attempts);
  const { pictures } = made;
  const { kept, rule, out } = wanted(context, texts.usable, pictures);
  if (kept.length === 0 && rule !== null)
    return leftOut(planned, reject("filtered", rule), pictures.attempts);
  const samples = kept.map((text) => composeSample(context, { part, planned, pictures }, text));
  if (rule === null) return packed(planned, { samples, texts, pictures });
  const words = [
    ...(texts.detail === null ? [] : [texts.detail]),
    filteredText(out, texts.usable.length, rule),
  ];
  const said = { tokens: countTokens(kept), detail: words.join("; ") };
  return packed(planned, { samples, texts: said, pictures });
}

/** The texts whose samples the recipe asks for, now that their pictures are known; and the first rule that leaves one out. */
function wanted({ build }: BuildContext, texts: readonly NumberedText[], { media, files }: Pictures) {
  const { where } = build.recipe;
  if (where === undefined) return { kept: texts, rule: null, out: 0 };
  const shown = shownValues(media, files.length);
  const rules = texts.map(({ known }) => ruledOut(where, new Map([...known, ...shown])));
  const kept = texts.filter((_, at) => rules[at] === null);
  return { kept, rule: rules.find((rule) => rule !== null) ?? null, out: texts.length - kept.length };
}

function filteredText(out: number, of: number, rule: string): string {
  return `${out} of ${of} samples are left out (filtered: ${rule})`;
}

/** A sample of each record's stretch. A member is packed as soon as one of them is; what the others lack is told. */
async function makeBounded(
  context: BuildContext,
  part: OfPart,
  { planned, streamed, texts }: FoundTexts,
  tools: SampleTools,
): Promise<Outcome> {
  // The turns of a record share its stretch.
  const spans = [...new Map(texts.usable.map(({ record, span }) => [record, span]))];
  const made = await makeSpans(
    context,
    streamed,
    spans.map(([, span]) => stretchWithin(span, cutOf(planned))),
    tools,
  );
  const picturesOf = new Map(spans.map(([record], at) => [record, made[at]]));
  const kept: NumberedText[] = [];
  const samples: Sample[] = [];
  const files: unknown[] = [];
  const lacking: { readonly rejection: Rejection; readonly attempts: number }[] = [];
  for (const text of texts.usable) {
    const shown = picturesOf.get(text.record);
    if (shown?.kind === "pictures") {
      const { rule } = wanted(context, [text], shown.pictures);
      if (rule !== null) {
        const rejection = reject("filtered", rule);
        lacking.push({ rejection, attempts: shown.pictures.attempts });
        continue;
      }
      samples.push(composeSample(context, { part, planned, pictures: shown.pictures }, text));
      files.push(...shown.pictures.files);
      kept.push(text);
    } else if (shown !== undefined) lacking.push(shown);
  }
  const [first] = lacking;
  if (samples.length === 0 && first !== undefined) return leftOut(planned, first.rejection, first.attempts);
  const shown = made.flatMap((one) => (one.kind === "pictures" ? [one.pictures] : []));
  const words = [
    ...(texts.detail === null ? [] : [texts.detail]),
    ...(first === undefined
      ? []
      : [
          `${lacking.length} of ${texts.usable.length} stretches are left out (${first.rejection.code}: ${first.rejection.detail})`,
        ]),
  ];
  return packed(planned, {
    samples,
    texts: { tokens: countTokens(kept), detail: words.length === 0 ? null : words.join("; ") },
    pictures: {
      files,
      seconds: shown.reduce((sum, { seconds }) => sum + seconds, 0),
      attempts: Math.max(...shown.map(({ attempts }) => attempts)),
      remarks: shown[0]?.remarks ?? [],
    },
  });
}

function composeSample(
  context: BuildContext,
  { part, planned, pictures }: MadeMember,
  { text, fields, record, turn, tokens, set }: NumberedText,
): Sample {
  const { keyPrefix } = context.dataset;
  const { files, media } = pictures;
  const { position } = planned;
  const key = sampleKey({ keyPrefix, part, position, record, turn });
  const videoId = videoIdOf(context.dataset, part, planned, media);
  const json = composeSampleJson(context.dataset, {
    part,
    member: planned.name,
    ...(videoId === null ? {} : { videoId }),
    source: sourceNameOf(context.dataset, part.subset, set),
    // A placeholder shows nothing.
    frameCount: media.kind === "none" ? 0 : files.length,
    text,
    fields,
    media,
    tokens: tokens === undefined ? undefined : { made: tokens, keepRaw: keepsRaw(context) },
  });
  return { key, members: [...files, { suffix: "json", bytes: Buffer.from(json, "utf8") }] };
}

/**
 * Where a member has no file name to lose an extension of: a folder's name, the id in a row of links, and of a row that
 * has none its number behind the table's name. Null for a file.
 */
function videoIdOf(
  dataset: Dataset,
  { archive, pieces }: OfPart,
  { name, position, at }: PlannedMember,
  media: SampleMedia,
): string | null {
  if (archive === "parquet") return `${rowsName(dataset, pieces[0]?.path ?? "")}-${position}`;
  if (archive === "urls" || archive === "table") return typeof at.videoId === "string" ? at.videoId : name;
  return media.kind === "frames" ? basename(name) : null;
}
