import type { BuildDetail } from "@shardmill/api/contract";
import type { WantedRequest } from "./confirm-request.tsx";
import { askedSettings } from "./recipe-settings.ts";

/**
 * All of a build, or the parts that are named, made anew from the source. Null where a request cannot say it: a recipe that
 * cannot be written in one would be another recipe, and one made from another output's shards is asked for by `tokenize` alone.
 */
export function rebuildOf(build: BuildDetail, title: string, parts: string | null): WantedRequest | null {
  const settings = askedSettings(build.recipe);
  if (settings === null || build.source.kind === "output") return null;
  const named =
    build.entry === null ? { dataset: build.dataset } : { dataset: build.entry, as: build.dataset };
  return {
    kind: "request",
    title,
    path: "/api/builds",
    body: { ...named, rebuild: true, settings, ...(parts === null ? {} : { parts }) },
    isNarrowable: parts === null,
  };
}

/** A retry of some parts. */
export function retryOf(dataset: string, kind: string, title: string, parts: string): WantedRequest {
  return {
    kind: "request",
    title,
    path: `/api/builds/${dataset}/retry`,
    body: { selection: { kind, parts } },
    ...(kind === "corrupt" ? { asking: "Reading these shards to their end. Nothing is started." } : {}),
  };
}
