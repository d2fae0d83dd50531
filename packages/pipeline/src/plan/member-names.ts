import { basename, type Dataset, type Rejection, reject } from "@shardmill/core";

const videoExtensions = new Set([
  "mp4",
  "mkv",
  "webm",
  "mov",
  "m4v",
  "avi",
  "ts",
  "mpg",
  "mpeg",
  "flv",
  "ogv",
  "3gp",
  "wmv",
  "gif",
]);
const imageExtensions = new Set(["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]);

/** Whether a member may hold the media that the dataset is made of, judged by its name alone. */
export function refuseByName(dataset: Dataset, name: string): Rejection | null {
  const base = basename(name);
  const extension = base.slice(base.lastIndexOf(".") + 1).toLowerCase();
  const wanted = dataset.media === "video" ? videoExtensions : imageExtensions;
  if (base.startsWith("._") || !wanted.has(extension)) {
    return reject(
      "not_media",
      `expected a ${dataset.media === "video" ? "video" : "picture"} file, found ${base}`,
    );
  }
  return null;
}
