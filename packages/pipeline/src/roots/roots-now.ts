import { type BuildRecord, hashOf, type PartPlan, partLabel } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { hasRoots, listRootMedia, type RootMedia } from "./list-root-media.ts";
import { failureOf, type GatheredFacts, gatherMediaFacts } from "./media-facts.ts";
import { withContents } from "./root-content.ts";

type RecordedPart = BuildRecord["parts"][number];

/** The user's roots as this machine's config has them. What the source's parts hold is gathered once for all root parts. */
export class RootsNow {
  readonly #context: BuildContext;
  readonly #unread = new Set<string | null>();
  #facts: GatheredFacts | null = null;

  constructor(context: BuildContext) {
    this.#context = context;
  }

  /**
   * The content of a root part as it is now. Where the config has no root, or the annotations do not tell what its media
   * are called, nothing is known against what was made; files of a root that cannot be read are not what was planned.
   */
  async contentOf(part: RecordedPart, plan: PartPlan, signal: AbortSignal): Promise<string> {
    const found = await this.#mediaOf(part, signal);
    if (found === null) return plan.contentId;
    try {
      return (await withContents(this.#context, found, signal)).contentId;
    } catch (error) {
      return hashOf({ unreadable: failureOf(error, signal).code, roots: partLabel(part) });
    }
  }

  async #mediaOf(part: RecordedPart, signal: AbortSignal): Promise<RootMedia[] | null> {
    if (!hasRoots(this.#context) || this.#unread.has(part.subset)) return null;
    this.#facts ??= await gatherMediaFacts(this.#context, signal);
    try {
      return await listRootMedia(this.#context, part, signal, this.#facts);
    } catch (error) {
      // Annotations that cannot be read are not read once more for each of a subset's root parts.
      if (failureOf(error, signal).code !== "part_absent") this.#unread.add(part.subset);
      return null;
    }
  }
}
