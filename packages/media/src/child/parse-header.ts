import type { z } from "zod";

/** A message's header as its schema has it, or an error of one line: it ends as the reason why a child was lost. */
export function parseHeader<Schema extends z.ZodType>(schema: Schema, header: unknown): z.output<Schema> {
  const parsed = schema.safeParse(header);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Error(`a message on the media pipe is no such thing: ${problems.join("; ").slice(0, 300)}`);
}
