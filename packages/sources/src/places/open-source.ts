import type { Source } from "@shardmill/core";
import type { SourceDeps } from "../wire/source-deps.ts";
import { openFolderSource } from "./folder-source.ts";
import { openHttpSource } from "./http-source.ts";
import { openHubSource } from "./hub-source.ts";
import type { SourceSpec } from "./source-spec.ts";

/** The one door to a dataset's files. */
export async function openSource(spec: SourceSpec, deps: SourceDeps, signal: AbortSignal): Promise<Source> {
  switch (spec.kind) {
    case "hub":
      return openHubSource(spec, deps, signal);
    case "folder":
      return openFolderSource(spec, signal);
    case "http":
      return openHttpSource(spec, deps);
    default:
      return spec satisfies never;
  }
}
