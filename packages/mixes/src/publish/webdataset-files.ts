import type { MixPlan } from "../plan/mix-plan.ts";
import { drawnSets, tarPath } from "./drawn-sets.ts";
import type { MixFile } from "./mix-file.ts";

/** A list of shards for each set, their shares and what is left out, and the lines of Python that read them. */
export function webdatasetFiles(plan: MixPlan): MixFile[] {
  const sets = drawnSets(plan);
  const told = {
    version: 1,
    mix: plan.name,
    identity: plan.identity,
    sets: sets.map(({ facts, share, sums, excluded, role }) => ({
      name: facts.name,
      role,
      share,
      list: `${facts.name}.txt`,
      shards: sums.shards,
      samples: sums.samples,
      exclude: excluded.map(({ key }) => key).toSorted(),
    })),
  };
  return [
    { path: "webdataset/mix.json", text: `${JSON.stringify(told, null, 2)}\n` },
    { path: "webdataset/read_mix.py", text: readMix },
    ...sets.map((set) => ({
      path: `webdataset/${set.facts.name}.txt`,
      text: set.shards.map(({ shard }) => `${tarPath(set, shard, 1)}\n`).join(""),
    })),
  ];
}

const readMix = `"""The samples of a mix, for webdataset: each set with its share, without what is left out."""
import functools
import json
import os

import webdataset as wds


def is_kept(sample, exclude):
    return sample["__key__"] not in exclude


def read_mix(folder=os.path.dirname(os.path.abspath(__file__)), **options):
    """An endless stream; options such as shardshuffle go to wds.WebDataset."""
    with open(os.path.join(folder, "mix.json"), encoding="utf-8") as file:
        sets = json.load(file)["sets"]
    streams = []
    for one in sets:
        with open(os.path.join(folder, one["list"]), encoding="utf-8") as file:
            shards = [os.path.normpath(os.path.join(folder, line)) for line in file.read().splitlines()]
        stream = wds.WebDataset(shards, resampled=True, **options)
        exclude = frozenset(one["exclude"])
        streams.append(stream.select(functools.partial(is_kept, exclude=exclude)))
    return wds.RandomMix(streams, [one["share"] for one in sets])
`;
