import { createHash } from "node:crypto";
import type { ImageResult, MediaKind, MediaPool } from "@shardmill/core";
import { SharedWork } from "../context/shared-work.ts";

/** Of encoded pictures that are kept; the ones that were asked for longest ago go first. */
const keptBytes = 64 * 1024 * 1024;
/** What an entry takes before its picture is made. */
const entryBytes = 1024;

/** A pool for one shard: where its samples share pictures, each is encoded once. */
export function poolForShard(pool: MediaPool, media: MediaKind): MediaPool {
  switch (media) {
    // Several pairs are about one picture, and every text has the same placeholder.
    case "pair":
    case "none":
      return remembering(pool);
    case "video":
    case "images":
      return pool;
    default:
      return media satisfies never;
  }
}

interface Kept {
  readonly work: SharedWork<ImageResult>;
  bytes: number;
}

/** The settings are those of the shard, the same for all: pictures of the same bytes give the same. */
function remembering(pool: MediaPool): MediaPool {
  const kept = new Map<string, Kept>();
  let held = 0;
  const drop = (key: string): void => {
    held -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };
  return {
    size: pool.size,
    frames: (clip, settings, signal) => pool.frames(clip, settings, signal),
    spans: (clip, asked, signal) => pool.spans(clip, asked, signal),
    close: () => pool.close(),
    async image(image, settings, signal) {
      const key = createHash("sha256").update(image.bytes).digest("hex");
      const known = kept.get(key);
      const entry =
        known === undefined || known.work.isLost
          ? { work: new SharedWork((stop) => pool.image(image, settings, stop)), bytes: entryBytes }
          : known;
      if (known !== undefined) drop(key);
      kept.set(key, entry);
      held += entry.bytes;
      const made = await entry.work.join(signal);
      // A refusal may pass; whoever asks again has it tried again.
      if (made.kind === "rejected" && kept.get(key) === entry) drop(key);
      if (made.kind === "image" && entry.bytes === entryBytes && kept.get(key) === entry) {
        entry.bytes += made.jpeg.length;
        held += made.jpeg.length;
      }
      for (const [oldest] of kept) {
        if (held <= keptBytes) break;
        drop(oldest);
      }
      return made;
    },
  };
}
