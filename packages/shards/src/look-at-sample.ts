import sharp from "sharp";
import { isFrame, type Sample } from "./sample.ts";
import type { SampleLook, TarProblem } from "./sample-walk.ts";

/** The metadata of each sample, and with a frame size also its pixels: every JPEG is decoded. */
export function lookAtSample(options: {
  readonly deep: boolean;
  readonly frameSize: number | null;
}): SampleLook {
  return async (sample) => {
    const problems = metadataProblems(sample);
    return options.deep ? [...problems, ...(await frameProblems(sample, options.frameSize))] : problems;
  };
}

function metadataProblems({ key, members }: Sample): TarProblem[] {
  const metadata = members.find(({ suffix }) => suffix === "json");
  if (metadata === undefined) return [{ code: "metadata", detail: `${key} has no json` }];
  const frames = members.filter(({ suffix }) => isFrame(suffix)).length;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(metadata.bytes).toString("utf8"));
  } catch {
    return [{ code: "metadata", detail: `${key}.json is no JSON` }];
  }
  const count = frameCountOf(value);
  if (count === frames) return [];
  return [
    { code: "frames", detail: `${key}: frame_count says ${String(count)}, the tar has ${frames} frames` },
  ];
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
  try {
    const { info } = await sharp(bytes, { failOn: "warning" }).raw().toBuffer({ resolveWithObject: true });
    if (frameSize === null || (info.width === frameSize && info.height === frameSize)) return null;
    return `expected ${frameSize}x${frameSize} pixels, found ${info.width}x${info.height}`;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "undecodable") : "undecodable";
  }
}
