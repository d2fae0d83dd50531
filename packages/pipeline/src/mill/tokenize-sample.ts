import { composeSampleJson, rereadSampleJson, type SampleJsonInput } from "@shardmill/catalogue";
import { Failure, type PlannedMember, type SampleText, separateTurns } from "@shardmill/core";
import type { Sample, SampleMember } from "@shardmill/shards";
import type { BuildContext } from "../context/build-context.ts";
import { makePictures } from "./make-pictures.ts";
import type { SampleTools } from "./make-sample.ts";
import { type NumberedText, tokenizedTexts } from "./member-texts.ts";
import { keepsRaw, type Outcome, packed, withoutText } from "./outcome.ts";

type RawSample = Omit<SampleJsonInput, "tokens">;

/**
 * A sample of another output with the text of this recipe: its pictures are copied byte for byte, and its JSON is composed of what
 * it was composed of before. What comes of it is what a build of the source makes with this recipe.
 */
export async function tokenizeSample(
  context: BuildContext,
  planned: PlannedMember,
  members: readonly SampleMember[],
  tools: SampleTools,
): Promise<Outcome> {
  const raw = rawOf(context, planned, members);
  const texts = await tokenizedTexts(context, textsOf(context, raw, planned.name), tools);
  if (texts.usable.length === 0) return withoutText(planned, texts.rejection);
  const files = await picturesOf(context, planned, members, tools);
  const samples = texts.usable.map((text) => composeSample(context, { planned, raw, files }, text));
  return packed(planned, { samples, texts, pictures: { files, seconds: 0, attempts: 1 } });
}

function rawOf(
  { dataset }: BuildContext,
  { name }: PlannedMember,
  members: readonly SampleMember[],
): RawSample {
  const json = members.find(({ suffix }) => suffix === "json");
  if (json === undefined)
    throw new Failure("shard_invalid", `${name} has no JSON`, { where: { member: name }, retry: "never" });
  return rereadSampleJson(dataset, Buffer.from(json.bytes).toString("utf8"), name);
}

/** Turns that were made apart already stay what they are. */
function textsOf({ build }: BuildContext, { text, fields }: RawSample, key: string): NumberedText[] {
  const whole = { kind: "ok", fields, record: undefined, span: null, set: "", known: new Map() } as const;
  if (build.recipe.turns === "together" || isOneTurn(key)) return [{ ...whole, text, turn: undefined }];
  return separateTurns(text).map((one: SampleText, turn) => ({ ...whole, text: one, turn }));
}

function isOneTurn(key: string): boolean {
  return /-t\d+$/.test(key);
}

/** All but the JSON, as it lies there; of a text alone the picture that this recipe gives it. */
async function picturesOf(
  context: BuildContext,
  { position, name }: PlannedMember,
  members: readonly SampleMember[],
  tools: SampleTools,
): Promise<readonly SampleMember[]> {
  if (context.dataset.media !== "none") return members.filter(({ suffix }) => suffix !== "json");
  const content = { kind: "sample", members } as const;
  const made = await makePictures(context, { position, name, kind: "member", content, sizeBytes: 0 }, tools);
  return made.kind === "rejected" ? [] : made.pictures.files;
}

function composeSample(
  context: BuildContext,
  made: { readonly planned: PlannedMember; readonly raw: RawSample; readonly files: readonly SampleMember[] },
  { text, turn, tokens }: NumberedText,
): Sample {
  const { planned, raw, files } = made;
  const json = composeSampleJson(context.dataset, {
    ...raw,
    text,
    tokens: tokens === undefined ? undefined : { made: tokens, keepRaw: keepsRaw(context) },
  });
  const key = turn === undefined ? planned.name : `${planned.name}-t${turn}`;
  return { key, members: [...files, { suffix: "json", bytes: Buffer.from(json, "utf8") }] };
}
