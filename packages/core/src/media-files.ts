import type { MediaKind } from "./dataset.ts";
import { basename } from "./names.ts";

/** What a file may be by its name: a clip, a picture of its own, or one frame of a run of pictures in a folder. */
export type MediaFile = "video" | "picture" | "frame";

/** By extension, the one list of the project. A GIF may be a clip or a picture, but a folder of GIFs is no clip. */
const filesByExtension: Readonly<Record<string, readonly MediaFile[]>> = {
  ...named("video", "mp4 m4v mov webm mkv avi mpg mpeg ts m2ts mts flv wmv 3gp ogv mjpeg mjpg"),
  ...named("picture", "bmp tif tiff avif"),
  jpg: ["picture", "frame"],
  jpeg: ["picture", "frame"],
  png: ["picture", "frame"],
  webp: ["picture", "frame"],
  gif: ["picture", "video"],
};

/** Whether a file may be this, by its extension in any case. macOS writes `._name` beside a file, which is not the file. */
export function isNamedAs(name: string, file: MediaFile): boolean {
  const base = basename(name);
  const dot = base.lastIndexOf(".");
  const extension = base.slice(dot + 1).toLowerCase();
  if (dot < 0 || isAppleDouble(base) || !Object.hasOwn(filesByExtension, extension)) return false;
  return filesByExtension[extension]?.includes(file) ?? false;
}

/** macOS's file of attributes beside another file. */
export function isAppleDouble(name: string): boolean {
  return basename(name).startsWith("._");
}

/** What one file of a dataset's media is; null where it has none. */
export function mediaFileOf(media: MediaKind): "video" | "picture" | null {
  switch (media) {
    case "video":
      return "video";
    case "images":
    case "pair":
      return "picture";
    case "none":
      return null;
    default:
      return media satisfies never;
  }
}

function named(file: MediaFile, extensions: string): Record<string, readonly MediaFile[]> {
  return Object.fromEntries(extensions.split(" ").map((extension) => [extension, [file]]));
}
