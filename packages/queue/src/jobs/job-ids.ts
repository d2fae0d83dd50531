/**
 * Job ids: `<build>--<part label>-<range>-<run>` for a shard, `...-part-<run>` for a part and `<build>--build-<run>` for
 * the build. The double hyphen, which no build or label holds, keeps two builds apart of which one's name begins with
 * the other's. An id never changes its meaning: adding a job that exists does nothing.
 */
export interface JobRef {
  readonly id: string;
  readonly build: string;
  readonly run: number;
  readonly what: "build" | "part" | "shard";
  /** Null for the build's own job. */
  readonly label: string | null;
  /** Null for a build or part. */
  readonly range: string | null;
}

export function buildJobId(build: string, run: number): string {
  return `${build}--build-${run}`;
}

export function partJobId(build: string, label: string, run: number): string {
  return `${build}--${label}-part-${run}`;
}

export function shardJobId(build: string, label: string, range: string, run: number): string {
  return `${build}--${label}-${range}-${run}`;
}

const idPattern = /^(.+?)--(?:build|(.+)-([a-z0-9_]+))-(\d+)$/;

/** Null for an id that is not of this form. */
export function parseJobId(id: string): JobRef | null {
  const match = idPattern.exec(id);
  if (match === null) return null;
  const [, build = "", label, range, run] = match;
  const common = { id, build, run: Number(run) };
  if (label === undefined || range === undefined)
    return { ...common, what: "build", label: null, range: null };
  if (range === "part") return { ...common, what: "part", label, range: null };
  return { ...common, what: "shard", label, range };
}
