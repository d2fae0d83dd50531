import type { BuildRecord, Toolchain } from "@shardmill/core";
import type { Surroundings } from "../context/build-context.ts";
import { composeBuild } from "./plan-build.ts";

/**
 * A recorded build as its source is now: at the newest revision, in the recorded recipe, with what the source has beside
 * what each part was planned from. `sourceFolder` reads from a folder instead. Nothing is written.
 */
export async function composeAgain(
  recorded: BuildRecord,
  options: {
    readonly toolchain: (decoder: "libav" | "process") => Promise<Toolchain>;
    readonly sourceFolder?: string | undefined;
  },
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<BuildRecord> {
  const { source, dataset } = recorded;
  const request = {
    dataset,
    sourceFolder: options.sourceFolder ?? (source.kind === "folder" ? source.location : null),
    parts: null,
    settings: [],
    rebuild: false,
    toolchain: options.toolchain,
    again: recorded,
  };
  return (await composeBuild(request, surroundings, signal)).build;
}
