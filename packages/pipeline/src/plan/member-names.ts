import { basename, type Dataset, isNamedAs, mediaFileOf, type Rejection, reject } from "@shardmill/core";

/** Whether a member may hold the media that the dataset is made of, judged by its name alone. */
export function refuseByName(dataset: Dataset, name: string): Rejection | null {
  const wanted = mediaFileOf(dataset.media);
  if (wanted !== null && isNamedAs(name, wanted)) return null;
  return reject(
    "not_media",
    `expected ${wanted === null ? "no" : `a ${wanted}`} file, found ${basename(name)}`,
  );
}
