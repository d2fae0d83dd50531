import { resolve } from "node:path";
import { z } from "zod";

const notifySchema = z.strictObject({
  /** A command for the shell. */
  onEnd: z.string().min(1).optional(),
  webhook: z.url({ protocol: /^https?$/, error: "expected an http(s) address" }).optional(),
  hosts: z.array(z.string().min(1)).default([]),
  secretFile: z.string().min(1).optional(),
  standstillMinutes: z.number().positive().max(10_000).optional(),
});

/** Whom a user's config has told of the end of a build, a failed part and a standstill. */
export type NotifyConfig = z.output<typeof notifySchema>;

const noNotify: NotifyConfig = Object.freeze({ hosts: [] });

/** A file that is not absolute is one beside the config. */
export function notifyOf(given: unknown, folder: string, problems: string[]): NotifyConfig {
  const parsed = notifySchema.safeParse(given ?? {});
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues)
      problems.push(`${["notify", ...path].join(".")}: ${message}`);
    return noNotify;
  }
  const { secretFile } = parsed.data;
  return secretFile === undefined ? parsed.data : { ...parsed.data, secretFile: resolve(folder, secretFile) };
}
