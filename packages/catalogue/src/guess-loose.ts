import { type FileIdentity, isNamedAs } from "@shardmill/core";
import type { GuessedRule } from "./guess-parts.ts";

/** Clips or pictures that lie in folders one by one, as the one part that they make. */
export interface LooseMedia {
  readonly media: "video" | "images";
  readonly rule: GuessedRule;
  readonly remarks: readonly string[];
}

/** null where no file is named as a clip or a picture. Where both lie there, the samples are of the clips. */
export function guessLoose(files: readonly FileIdentity[]): LooseMedia | null {
  const clips = files.filter(({ path }) => isNamedAs(path, "video"));
  const pictures = files.filter(({ path }) => isNamedAs(path, "picture"));
  // GIFs are both: among pictures they are pictures.
  const stills = pictures.filter(({ path }) => !isNamedAs(path, "video"));
  const isOfClips =
    clips.length > 0 && (stills.length === 0 || clips.some(({ path }) => !isNamedAs(path, "picture")));
  const members = isOfClips ? clips : pictures;
  if (members.length === 0) return null;
  const path = pathOf(members.map((file) => file.path));
  const rule: GuessedRule = { archive: "images", path, pieces: null, subsets: [], files: members.length };
  const remarks =
    isOfClips && stills.length > 0
      ? [
          `the samples are taken to be of the ${clips.length} clips, not of the ${stills.length} pictures (media)`,
        ]
      : [];
  return { media: isOfClips ? "video" : "images", rule, remarks };
}

/** The folder that holds them all; `**` where they lie at several depths or in several folders of it. */
function pathOf(paths: readonly string[]): string {
  const folders = [...new Set(paths.map((path) => path.split("/").slice(0, -1).join("/")))];
  const [first = ""] = folders;
  const common = folders.reduce(commonFolder, first);
  const prefix = common === "" ? "" : `${common}/`;
  return `${prefix}${folders.length === 1 ? "*" : "**"}`;
}

function commonFolder(a: string, b: string): string {
  const [left, right] = [a.split("/"), b.split("/")];
  const differs = left.findIndex((word, index) => word !== right[index]);
  return left.slice(0, differs < 0 ? left.length : differs).join("/");
}
