import { type FrameSettings, reject } from "@shardmill/core";
import type { RawClip } from "../raw-clip.ts";

/** The recipe's word on clips that yielded too little (the same for both backends): left out below minFrameShare. */
export function judgeClip(raw: RawClip, { minFrameShare }: Pick<FrameSettings, "minFrameShare">): RawClip {
  if (raw.kind === "rejected") return raw;
  const { frames, wanted } = raw;
  if (frames.length === 0)
    return { kind: "rejected", rejection: reject("zero_frames", `0 of ${wanted} frames could be decoded`) };
  if (frames.length >= wanted * minFrameShare) return raw;
  const detail = `${frames.length} of ${wanted} frames could be decoded; minFrameShare is ${minFrameShare}`;
  return { kind: "rejected", rejection: reject("decode_truncated", detail) };
}
