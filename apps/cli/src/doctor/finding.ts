import { codes, Failure } from "@shardmill/core";

/** What a trial found. `fail`: nothing can be built; `warn`: something will be missing or slow. */
export interface Finding {
  readonly name: string;
  readonly level: "ok" | "warn" | "fail";
  /** What was tried and seen. */
  readonly what: string;
  readonly version: string | null;
  readonly path: string | null;
  /** What to do; null when all is well. */
  readonly remedy: string | null;
}

export function found(name: string, what: string, more: Partial<Finding> = {}): Finding {
  return { name, level: "ok", what, version: null, path: null, remedy: null, ...more };
}

/** A trial that threw is a finding, too; a failure that knows what to do about itself says that instead of the usual. */
export async function tried(
  name: string,
  remedy: string,
  trial: () => Promise<Finding>,
  level: "warn" | "fail" = "fail",
): Promise<Finding> {
  try {
    return await trial();
  } catch (error) {
    const what = error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
    const own = error instanceof Failure && ownRemedies.has(error.code) ? codes[error.code].remedy : remedy;
    return found(name, what, { level, remedy: own });
  }
}

const ownRemedies: ReadonlySet<string> = new Set([
  "queue_unfit",
  "output_without_links",
  "output_without_conditions",
  "wrong_use",
]);
