import type { SampleForm, TypedSample } from "./sample-form.ts";

/** Beside `dataset.yaml`, in `.nv-meta`: Energon's tools and loaders take its name as `dataset_config`. */
export const typedConfigName = "dataset-typed.yaml";

/** Samples as they lie in the tars, for cookers that users write. */
const crude = "__module__: megatron.energon\n__class__: CrudeWebdataset\n";

const captioning = `sample_type:
  __module__: megatron.energon
  __class__: CaptioningSample
field_map:
  image: jpg
  caption: json[caption]
`;

const text = `sample_type:
  __module__: megatron.energon
  __class__: TextSample
field_map:
  text: json[caption]
`;

const interleaved = `sample_type:
  __module__: megatron.energon
  __class__: InterleavedSample
sample_loader: interleaved_loader.py:sample_loader
part_filter: interleaved_loader.py:part_filter
`;

/** A field map names its fields one by one; of samples with any number of pictures only code can tell them. */
const interleavedLoader = (
  own: string,
): string => `"""The pictures of a sample in their order, then its caption."""
import re

PICTURE = re.compile(r"(\\d{3}\\.)?jpg")


def part_filter(part: str) -> bool:
    return part == "json" or PICTURE.fullmatch(part) is not None


def sample_loader(raw: dict) -> dict:
    pictures = [raw[part] for part in sorted(raw) if PICTURE.fullmatch(part)]${own}
    return {"__key__": raw["__key__"], "sequence": [*pictures, raw["json"]["caption"]]}
`;

/** By path: how Energon reads the samples, crude and typed; null for what this dataset has not. */
export function energonConfigs({
  typed,
  layout,
}: Pick<SampleForm, "typed" | "layout">): Record<string, string | null> {
  // Where all samples have as many files, the last picture is repeated in them.
  const own = layout === "fixed" ? '[: raw["json"]["frame_count"]]' : "";
  return {
    ".nv-meta/dataset.yaml": crude,
    [`.nv-meta/${typedConfigName}`]: typedConfig(typed),
    ".nv-meta/interleaved_loader.py": typed === "interleaved" ? interleavedLoader(own) : null,
  };
}

function typedConfig(typed: TypedSample | null): string | null {
  switch (typed) {
    case "captioning":
      return captioning;
    case "interleaved":
      return interleaved;
    case "text":
      return text;
    case null:
      return null;
    default:
      return typed satisfies never;
  }
}
