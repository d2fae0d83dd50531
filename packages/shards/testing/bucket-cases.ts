import { fits } from "../src/write/bucket-protocol.ts";
import {
  type BucketMaking,
  type BucketWorld,
  type BucketWriterState,
  bucketWriter,
  lieInBucket,
} from "./bucket-world.ts";
import { byChance } from "./by-chance.ts";
import { alone, type Watch, type Writer, walkOne } from "./interleavings.ts";

/** Whose bytes differ from everybody else's. */
function full(name: string, work: BucketMaking["work"] = "now"): BucketMaking {
  return { tar: `tar of ${name}`, sides: [`ledger of ${name}`, `index of ${name}`], work };
}

function empty(name: string): BucketMaking {
  return { tar: null, sides: [`ledger of ${name}`, null], work: "now" };
}

const made = { old: full("old"), cut: full("cut") };
export const nothing: BucketWorld = { tar: null, manifest: null, sides: [null, null], drafts: [], made };
const oldTar = { draft: "old", sha: "tar of old" };
const committed: BucketWorld = {
  ...nothing,
  tar: oldTar,
  manifest: { draft: "old", tar: oldTar.sha },
  sides: full("old").sides,
};
const hollow: BucketWorld = {
  ...nothing,
  manifest: { draft: "old", tar: null },
  sides: empty("old").sides,
  made: { ...made, old: empty("old") },
};
const cutTar = { draft: "cut", sha: "tar of cut" };

/** How the bucket may look when the writers begin. */
export const bucketStarts: Readonly<Record<string, BucketWorld>> = {
  nothing,
  "a tar that nobody vouches for": { ...nothing, tar: oldTar, sides: ["ledger of old", null] },
  "a draft that was not published": { ...nothing, drafts: ["old"] },
  "a draft whose tar lies there": { ...nothing, tar: oldTar, drafts: ["old"] },
  "a committed shard": committed,
  "a committed shard whose draft was left": { ...committed, drafts: ["old"] },
  "a committed empty shard": hollow,
  "a committed empty shard without its ledger yet": { ...hollow, sides: [null, null], drafts: ["old"] },
  "a committed empty shard beside a tar": { ...hollow, tar: cutTar },
  "a manifest without its tar": { ...committed, tar: null },
  "a manifest with another tar": { ...committed, tar: cutTar },
};

interface BucketPair {
  readonly writers: readonly Writer<BucketWriterState, BucketWorld>[];
  /** Whether what is committed may give way: it is told to, or is of an earlier plan. */
  readonly mayReplace: boolean;
}

function pair(a: BucketMaking, b: BucketMaking, mayReplace = false): BucketPair {
  return { writers: [bucketWriter("a", a), bucketWriter("b", b)], mayReplace };
}

const same: BucketMaking = { tar: "tar", sides: ["ledger", "index"], work: "now" };

export const bucketPairs: Readonly<Record<string, BucketPair>> = {
  "two of one shard": pair(full("a"), full("b")),
  "two of equal bytes": pair(same, same),
  "two of equal tars and other ledgers": pair({ ...same, sides: ["ledger of a", "index"] }, same),
  "one empty, one not": pair(full("a"), empty("b")),
  "two empty": pair(empty("a"), empty("b")),
  "one of an earlier plan": pair(full("a"), full("b", "before"), true),
  "one of a plan that gives way just now": pair(full("a"), full("b", "until now"), true),
  "two repairs": {
    writers: [bucketWriter("a", full("a"), "old"), bucketWriter("b", full("b"), "old")],
    mayReplace: true,
  },
  "a repair and a late twin": {
    writers: [bucketWriter("a", full("a"), "old"), bucketWriter("b", full("b"))],
    mayReplace: true,
  },
  "a repair that is empty, and a late twin": {
    writers: [bucketWriter("a", empty("a"), "old"), bucketWriter("b", full("b"))],
    mayReplace: true,
  },
};

/** Throws as soon as what counts as committed is a lie, or is not committed any more unasked. */
export function watchingBucket(
  start: BucketWorld,
  { mayReplace }: Pick<BucketPair, "mayReplace">,
  counts = fits,
): Watch<BucketWorld> {
  const healed = new Set<string>();
  return {
    moment({ before, after }) {
      const lie = lieInBucket(after, counts);
      // A shard without samples that is to be replaced counts until then, and its ledger with it.
      const isGivingWay =
        mayReplace && after.manifest?.draft === start.manifest?.draft && start.manifest?.tar === null;
      if (lie !== null && !isGivingWay) throw new Error(lie);
      if (mayReplace || !fits(before.manifest, before.tar)) return;
      if (!fits(after.manifest, after.tar) || after.manifest?.draft !== before.manifest?.draft)
        throw new Error(`${before.manifest?.draft} was committed, and is not`);
    },
    outcome({ world, ends }) {
      if (!ends.includes(null)) {
        if (!fits(world.manifest, world.tar) && !ends.includes("lost"))
          throw new Error("all came to their end, and nothing is committed");
        if (world.drafts.some((draft) => ["a", "b", "c"].includes(draft)))
          throw new Error("a draft is left by a writer that lives");
      }
      const key = JSON.stringify(world);
      if (healed.has(key)) return;
      healed.add(key);
      const after = alone(world, bucketWriter("z", full("z")));
      const lie = lieInBucket(after);
      if (lie !== null || !fits(after.manifest, after.tar))
        throw new Error(`what they left cannot be finished: ${lie}`);
    },
  };
}

/** Orders by chance of three writers on all that may lie there; every second one without deaths. */
export function walkBucketByChance({
  rounds,
  seed,
}: {
  readonly rounds: number;
  readonly seed: number;
}): void {
  const { random, pick } = byChance(seed);
  const thirds = [
    bucketWriter("c", full("c")),
    bucketWriter("c", empty("c")),
    bucketWriter("c", full("c"), "old"),
  ];
  for (let round = 0; round < rounds; round += 1) {
    const { writers, mayReplace } = pick(Object.values(bucketPairs));
    const third = pick(thirds);
    const start = pick(Object.values(bucketStarts));
    const watch = watchingBucket(start, { mayReplace: mayReplace || third === thirds[2] });
    walkOne(start, [...writers, third], { random, deadly: round % 2 === 0 ? 0.02 : 0 }, watch);
  }
}
