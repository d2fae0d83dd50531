import { framesOf } from "../look/frames-of.ts";
import { isFrame, packedSuffix, type Sample } from "../look/sample.ts";
import type { SampleLook, TarProblem } from "./sample-walk.ts";

/** The metadata of each sample, and with a frame size also its pixels: every JPEG is decoded. */
export function lookAtSample(options: {
  readonly deep: boolean;
  readonly frameSize: number | null;
}): SampleLook {
  return async (sample) => {
    const { value, problems: own } = readMetadata(sample);
    const shown = framesOf(sample, value);
    const told =
      own.length > 0 ? own : [...countProblems(sample, value, shown.length), ...fillProblems(sample, shown)];
    if (!options.deep) return { frames: shown.length, problems: told };
    const times = frameTimesProblem(sample.key, value);
    const images = await frameProblems(sample.key, shown, options.frameSize);
    return { frames: shown.length, problems: [...told, ...times, ...images] };
  };
}

function readMetadata({ key, members }: Sample): { value: unknown; problems: TarProblem[] } {
  const metadata = members.find(({ suffix }) => suffix === "json");
  if (metadata === undefined)
    return { value: null, problems: [{ code: "metadata", detail: `${key} has no json` }] };
  try {
    return { value: JSON.parse(Buffer.from(metadata.bytes).toString("utf8")), problems: [] };
  } catch {
    return { value: null, problems: [{ code: "metadata", detail: `${key}.json is no JSON` }] };
  }
}

function countProblems({ key, members }: Sample, metadata: unknown, frames: number): TarProblem[] {
  const count = frameCountOf(metadata);
  if (count === frames || (count === 0 && frames === 1 && isTextOnly(metadata))) return [];
  const isPacked = members.some(({ suffix }) => suffix === packedSuffix);
  const found =
    isPacked && frames === 0
      ? `its frame_offsets do not fit ${packedSuffix}`
      : `the tar has ${frames} frames`;
  return [{ code: "frames", detail: `${key}: frame_count says ${String(count)}, ${found}` }];
}

/** What fills a sample up is its last picture again. */
function fillProblems(
  { key, members }: Sample,
  shown: readonly { readonly jpeg: Uint8Array }[],
): TarProblem[] {
  const last = shown.at(-1)?.jpeg ?? new Uint8Array();
  const other = members
    .filter(({ suffix }) => isFrame(suffix))
    .slice(shown.length)
    .find(({ bytes }) => Buffer.compare(bytes, last) !== 0);
  return other === undefined
    ? []
    : [{ code: "frames", detail: `${key}.${other.suffix} fills the sample up, and is not its last frame` }];
}

/** Its one picture is a placeholder, and shows nothing. */
function isTextOnly(metadata: unknown): boolean {
  return (
    typeof metadata === "object" &&
    metadata !== null &&
    "is_text_only" in metadata &&
    metadata.is_text_only === true
  );
}

/** A clip's times, where a sample has any, are one for each frame and never step back. */
function frameTimesProblem(key: string, metadata: unknown): TarProblem[] {
  if (typeof metadata !== "object" || metadata === null || !("frame_times" in metadata)) return [];
  const times: unknown = metadata.frame_times;
  if (times === null || (Array.isArray(times) && times.length === 0)) return [];
  const found = (detail: string): TarProblem[] => [{ code: "frame_times", detail: `${key}: ${detail}` }];
  if (!Array.isArray(times) || !times.every((time) => typeof time === "number"))
    return found("frame_times is no list of seconds");
  const count = frameCountOf(metadata);
  if (times.length !== count) return found(`${times.length} frame_times for ${String(count)} frames`);
  const back = times.findIndex((time, at) => at > 0 && time < (times[at - 1] ?? time));
  return back < 0 ? [] : found(`frame_times step back from ${times[back - 1]} to ${times[back]}`);
}

function frameCountOf(metadata: unknown): unknown {
  if (typeof metadata !== "object" || metadata === null || !("frame_count" in metadata)) return undefined;
  return metadata.frame_count;
}

async function frameProblems(
  key: string,
  frames: readonly { readonly name: string; readonly jpeg: Uint8Array }[],
  frameSize: number | null,
): Promise<TarProblem[]> {
  const found = await Promise.all(
    frames.map(async ({ name, jpeg }): Promise<TarProblem[]> => {
      const problem = await decodeProblem(jpeg, frameSize);
      return problem === null ? [] : [{ code: "image", detail: `${key}.${name}: ${problem}` }];
    }),
  );
  return found.flat();
}

async function decodeProblem(bytes: Uint8Array, frameSize: number | null): Promise<string | null> {
  // Only a deep look needs libvips.
  const { default: sharp } = await import("sharp");
  try {
    const { info } = await sharp(bytes, { failOn: "warning" }).raw().toBuffer({ resolveWithObject: true });
    if (frameSize === null || (info.width === frameSize && info.height === frameSize)) return null;
    return `expected ${frameSize}x${frameSize} pixels, found ${info.width}x${info.height}`;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "undecodable") : "undecodable";
  }
}
