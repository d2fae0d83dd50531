import type { z } from "zod";
import {
  type AnnotationsRecord,
  annotationsRecordSchema,
  type BuildRecord,
  buildRecordSchema,
  type Manifest,
  manifestSchema,
  type PartEnd,
  type PartPlan,
  partEndSchema,
  partPlanSchema,
} from "./records.ts";
import {
  annotationsRecord01Schema,
  buildRecord01Schema,
  manifest01Schema,
  partEnd01Schema,
  partPlan01Schema,
} from "./records-0.1.ts";

/** A record of this version or of one before it; what it is turned into is a record of this version. */
export interface ReadableSchema<T> {
  safeParse(value: unknown): z.ZodSafeParseResult<T>;
}

function readable<T>(of01: z.ZodType<T>, current: z.ZodType<T>): ReadableSchema<T> {
  return { safeParse: (value) => (recordVersionOf(value) === 1 ? of01 : current).safeParse(value) };
}

/** The version that a record says it has; null where it says none. */
export function recordVersionOf(value: unknown): number | null {
  if (typeof value !== "object" || value === null || !("version" in value)) return null;
  return Number.isSafeInteger(value.version) ? Number(value.version) : null;
}

export const readableBuild: ReadableSchema<BuildRecord> = readable(buildRecord01Schema, buildRecordSchema);
export const readablePlan: ReadableSchema<PartPlan> = readable(partPlan01Schema, partPlanSchema);
export const readableManifest: ReadableSchema<Manifest> = readable(manifest01Schema, manifestSchema);
export const readablePartEnd: ReadableSchema<PartEnd> = readable(partEnd01Schema, partEndSchema);
export const readableAnnotations: ReadableSchema<AnnotationsRecord> = readable(
  annotationsRecord01Schema,
  annotationsRecordSchema,
);
