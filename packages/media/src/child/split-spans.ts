import { type ClipSpan, type FrameSettings, reject, type SpanResult } from "@shardmill/core";
import type { RawClip } from "../raw-clip.ts";
import { judgeClip } from "./judge-clip.ts";

type RawFrames = Extract<RawClip, { kind: "frames" }>;

/**
 * What one decode gave of several stretches, a clip of each: as long as the stretch, its times counted from its start. The recipe
 * judges each for itself.
 */
export function splitSpans(
  raw: RawFrames,
  asked: readonly ClipSpan[],
  settings: FrameSettings,
): SpanResult[] {
  const { spans, ...clip } = raw;
  if (spans === undefined) throw new Error("a decoder that was asked for stretches gave a whole clip");
  return asked.map(({ startS, endS }, span): SpanResult => {
    const own = spans.of.flatMap((of, at) => (of === span ? [at] : []));
    const wanted = spans.expected[span] ?? 0;
    const end = Math.min(endS ?? Number.POSITIVE_INFINITY, clip.info.durationS);
    if (wanted === 0) {
      const where = `${startS} s to ${endS === null ? "its end" : `${endS} s`}`;
      return {
        kind: "rejected",
        rejection: reject(
          "zero_frames",
          `nothing is shown from ${where} of ${clip.info.durationS.toFixed(1)} s`,
        ),
      };
    }
    const judged = judgeClip(
      {
        ...clip,
        frames: own.flatMap((at) => clip.frames[at] ?? []),
        timesS: own.flatMap((at) => (clip.timesS[at] ?? startS) - startS),
        info: { ...clip.info, durationS: Math.max(0, end - startS) },
        wanted,
        complete: own.length >= wanted && !spans.damaged.has(span),
      },
      settings,
    );
    return judged;
  });
}
