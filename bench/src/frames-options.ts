import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

export interface FramesOptions {
  readonly dir: string | null;
  readonly json: boolean;
  readonly workers: number;
  readonly rounds: number;
  readonly clips: number;
  /** Only files whose name holds this. */
  readonly match: string;
  readonly sampling: "exact" | "keyframes";
  readonly of: readonly Contender[];
}

const CONTENDERS = ["seed", "process", "decoder", "limit", "floor"] as const;
export type Contender = (typeof CONTENDERS)[number];

export function framesOptions(args: string[]): FramesOptions {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: "string" },
      json: { type: "boolean", default: false },
      workers: { type: "string", default: "2" },
      rounds: { type: "string", default: "2" },
      clips: { type: "string", default: "12" },
      match: { type: "string", default: "" },
      sampling: { type: "string", default: "exact" },
      of: { type: "string", default: CONTENDERS.join(",") },
    },
  });
  const sampling = values.sampling === "keyframes" ? "keyframes" : "exact";
  const asked = values.of.split(",");
  return {
    dir: values.dir ?? null,
    json: values.json,
    workers: Number(values.workers),
    rounds: Number(values.rounds),
    clips: Number(values.clips),
    match: values.match,
    sampling,
    // The limit is that of an exact extractor.
    of: CONTENDERS.filter((name) => asked.includes(name) && (name !== "limit" || sampling === "exact")),
  };
}

export function videosIn(dir: string): string[] {
  const names = readdirSync(dir).filter((name) =>
    /\.(mp4|m4v|mov|3gp|mkv|webm|ts|mpe?g|avi|flv|ogv|wmv)$/.test(name),
  );
  return names.sort().map((name) => join(dir, name));
}

/** As many clips as asked for: the files over and over. */
export function repeated(files: readonly string[], count: number): string[] {
  return Array.from(
    { length: Math.max(count, files.length) },
    (_, index) => files[index % files.length] ?? "",
  );
}
