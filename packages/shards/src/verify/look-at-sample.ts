import { isFrame, type Sample } from "../look/sample.ts";
import type { SampleLook, TarProblem } from "./sample-walk.ts";

/** The metadata of each sample, and with a frame size also its pixels: every JPEG is decoded. */
export function lookAtSample(options: {
  readonly deep: boolean;
  readonly frameSize: number | null;
}): SampleLook {
  return async (sample) => {
    const { value, problems } = readMetadata(sample);
    if (!options.deep) return problems;
    const times = frameTimesProblem(sample.key, value);
    return [...problems, ...times, ...(await frameProblems(sample, options.frameSize))];
  };
}

function readMetadata({ key, members }: Sample): { value: unknown; problems: TarProblem[] } {
  const metadata = members.find(({ suffix }) => suffix === "json");
  if (metadata === undefined)
    return { value: null, problems: [{ code: "metadata", detail: `${key} has no json` }] };
  const frames = members.filter(({ suffix }) => isFrame(suffix)).length;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(metadata.bytes).toString("utf8"));
  } catch {
    return { value: null, problems: [{ code: "metadata", detail: `${key}.json is no JSON` }] };
  }
  const count = frameCountOf(value);
  const detail = `${key}: frame_count says ${String(count)}, the tar has ${frames} frames`;
  const isRight = count === frames || (count === 0 && frames === 1 && isTextOnly(value));
  return { value, problems: isRight ? [] : [{ code: "frames", detail }] };
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

async function frameProblems({ key, members }: Sample, frameSize: number | null): Promise<TarProblem[]> {
  const frames = members.filter(({ suffix }) => isFrame(suffix));
  const found = await Promise.all(
    frames.map(async ({ suffix, bytes }): Promise<TarProblem[]> => {
      const problem = await decodeProblem(bytes, frameSize);
      return problem === null ? [] : [{ code: "image", detail: `${key}.${suffix}: ${problem}` }];
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
