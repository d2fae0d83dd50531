import { afterEach, describe, it, vi } from "vitest";
import { withBucket } from "../../testing/bucket.ts";
import { knownFaults, troubled } from "../../testing/s3-stand-in/s3-faults.ts";
import type { StandInMode } from "../../testing/s3-stand-in/stand-in-objects.ts";
import { storeContract } from "../store-contract.ts";

afterEach(() => void vi.unstubAllEnvs());

/** Two hundred reads of a file that is replaced meanwhile are tried in bucket-store.test.ts, with all faults in turn. */
const brief = storeContract.filter(({ title }) => !title.startsWith("reads one whole file while"));

const modes: Readonly<Record<string, StandInMode>> = {
  "that takes tags without quotes only": { tags: "unquoted" },
  "that wants a length": { needsLength: true },
  "that lists two names a page": { pageSize: 2 },
};

for (const [title, mode] of Object.entries(modes)) {
  describe(`a bucket of a store ${title}`, () => {
    for (const { title: behaviour, run } of brief) it(behaviour, () => withBucket(mode, run));
  });
}

for (const [title, way] of Object.entries(knownFaults)) {
  describe(`a bucket whose store has for every third request ${title}`, () => {
    for (const { title: behaviour, run } of brief) {
      it(behaviour, () =>
        withBucket({}, async (store, standIn) => {
          standIn.plan = troubled([way]);
          await run(store);
        }),
      );
    }
  });
}
