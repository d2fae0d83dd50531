import { recipeSchema } from "@shardmill/core";
import { z } from "zod";

const { shape } = recipeSchema.unwrap();

/** What of a recipe decides frames. Nothing is filled in here: a setting that is missing on the way is no default. */
const settingsSchema = z.object({
  fps: shape.fps.unwrap(),
  maxFrames: shape.maxFrames.unwrap(),
  size: shape.size.unwrap(),
  fit: shape.fit.unwrap(),
  align: shape.align.unwrap(),
  overflow: shape.overflow.unwrap(),
  sampling: shape.sampling.unwrap(),
  quality: shape.quality.unwrap(),
  minFrameShare: shape.minFrameShare.unwrap(),
  decoder: shape.decoder.unwrap(),
  limits: shape.limits.unwrap(),
});

const ffmpegPath = z.string().nullable();

/** What a pool asks of its child: the header of a message; a clip's or a picture's bytes are its one part. */
export const childRequestSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("load"), decoder: settingsSchema.shape.decoder, ffmpegPath }),
  z.object({ kind: z.literal("frames"), name: z.string(), settings: settingsSchema, ffmpegPath }),
  z.object({
    kind: z.literal("spans"),
    name: z.string(),
    settings: settingsSchema,
    spans: z.array(z.object({ startS: z.number(), endS: z.number().nullable() })).min(1),
    ffmpegPath,
  }),
  z.object({ kind: z.literal("image"), name: z.string(), settings: settingsSchema }),
]);

export type ChildRequest = z.output<typeof childRequestSchema>;
