import { type BuildRecord, escapeMarkdown, fenced, plainLine } from "@shardmill/core";
import { typedConfigName } from "./energon-configs.ts";
import type { SampleForm, TypedSample } from "./sample-form.ts";

/**
 * The Hub's card. `configs` names the tars, or `datasets` would take json or parquet files beside them for the data.
 * They are written where the shards can be loaded so: where all samples have the same fields, since `datasets` takes its
 * columns from the first few samples and fails at one that has others.
 */
export function datasetReadme({ dataset, source }: BuildRecord, form: SampleForm, withdrawn: number): string {
  const configs = [
    "configs:",
    "  - config_name: default",
    "    data_files:",
    "      - split: train",
    '        path: "*.tar"',
  ];
  const from = source.revision === null ? source.name : `${source.name} at ${source.revision}`;
  return [
    "---",
    `pretty_name: ${JSON.stringify(plainLine(dataset.title))}`,
    `license: ${licenseTag(dataset.license)}`,
    ...(form.isFixed ? configs : []),
    "---",
    `# ${escapeMarkdown(dataset.title)}`,
    "",
    escapeMarkdown(dataset.description.trim()),
    "",
    `${form.counted}, made by Shardmill from ${escapeMarkdown(from)}. License: ${escapeMarkdown(dataset.license)}.`,
    "",
    "```python",
    ...readingLines(withdrawn),
    "```",
    "",
    ...(withdrawn === 0 ? [] : [withdrawnWords(withdrawn), ""]),
    form.loading,
    ...(form.reading.length === 0 ? [] : ["", "```python", ...form.reading, "```"]),
    "",
    energonWords(form.typed),
    "",
    "NVIDIA DALI: `readers.webdataset` takes the tars as `paths`, and of `dali/` the file of each as `index_paths`.",
    ...(dataset.bibtex === "" ? [] : ["", fenced(dataset.bibtex.trim(), "bibtex")]),
    "",
  ].join("\n");
}

/** Beside the list of the shards: keys of samples that their tars hold and nobody is to read. */
export const withdrawnListName = "withdrawn.txt";

/** Lines of Python that read the samples, without those that are withdrawn. */
export function readingLines(withdrawn: number): string[] {
  const open = ["import webdataset as wds", 'shards = open("shardlist.txt").read().split()'];
  if (withdrawn === 0)
    return [...open, "for sample in wds.WebDataset(shards, shardshuffle=False).decode(): ..."];
  return [
    ...open,
    `withdrawn = set(open("${withdrawnListName}").read().split())`,
    "samples = wds.WebDataset(shards, shardshuffle=False)",
    'for sample in samples.select(lambda sample: sample["__key__"] not in withdrawn).decode(): ...',
  ];
}

export function withdrawnWords(withdrawn: number): string {
  const are = withdrawn === 1 ? "1 sample was" : `${withdrawn} samples were`;
  return `${are} withdrawn: \`${withdrawnListName}\` has the keys. The tars still hold them. Energon and DALI leave them out by the
files here; \`shardlist.txt\`, wids and \`datasets\` name whole tars: whoever reads by them leaves them out by key, as above.`;
}

function energonWords(typed: TypedSample | null): string {
  const crude = "Megatron-Energon reads `.nv-meta/dataset.yaml`: crude samples, for cookers of your own";
  if (typed === null) return `${crude}.`;
  const kinds: Readonly<Record<TypedSample, string>> = {
    captioning: "`CaptioningSample`, the picture and its caption",
    interleaved: "`InterleavedSample`, the pictures in their order and then the caption",
    text: "`TextSample`, its caption",
  };
  const samples = kinds[typed];
  return `${crude}. \`${typedConfigName}\` beside it makes each a ${samples}: give
\`dataset_config="${typedConfigName}"\` to \`get_train_dataset\`, and \`--dataset-config ${typedConfigName}\` to \`energon lint\`
and \`energon info\`, which cannot do with crude ones.`;
}

/** The Hub knows license ids in lower case; anything else is `other`. */
export function licenseTag(license: string): string {
  const tag = license.toLowerCase();
  return /^(apache-2\.0|mit|cc-by-(nc-|sa-|nd-|nc-sa-|nc-nd-)?\d\.\d|cc0-1\.0|odc-by|openrail|bsd-3-clause)$/.test(
    tag,
  )
    ? tag
    : "other";
}
