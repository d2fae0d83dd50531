import { z } from "zod";

/** Every answer that is no success. */
export const problemSchema = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
});
export type Problem = z.output<typeof problemSchema>;
