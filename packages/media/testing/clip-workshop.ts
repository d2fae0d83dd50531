import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runFfmpegForTest } from "./make-clip.ts";

/** A clip that is not what it seems, made in the test. */
export interface AwkwardClip {
  readonly name: string;
  /** Writes the clip and returns its path. */
  readonly make: () => string;
  /** A clip that ffmpeg can show, where it cannot show this one: what it would look like. */
  readonly like?: () => string;
}

/** Frames a second of every take. */
export const rate = 25;

/** Makes clips of two takes that nobody takes for one another, each at most once. */
export class ClipWorkshop {
  readonly #folder: string;
  readonly #made = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  /** One take: "a" counts on test bars, "b" is another picture altogether. */
  take(
    take: "a" | "b",
    name: string,
    options: readonly string[],
    more: { seconds?: number; size?: string } = {},
  ): string {
    return this.once(`${take}-${name}`, (path) => {
      const { seconds = 3, size = "160x120" } = more;
      const source = take === "a" ? "testsrc2" : "testsrc";
      const turned = take === "a" ? "null" : "negate,hflip";
      const input = ["-f", "lavfi", "-i", `${source}=size=${size}:rate=${rate}:duration=${seconds}`];
      const plain = options.includes("-vf") ? [] : ["-vf", turned];
      runFfmpegForTest([...input, ...plain, "-pix_fmt", "yuv420p", ...options, path]);
    });
  }

  once(name: string, write: (path: string) => void): string {
    const path = this.path(name);
    if (!this.#made.has(name)) {
      write(path);
      this.#made.set(name, path);
    }
    return path;
  }

  /** Bytes that are worked out from other clips. */
  written(name: string, bytes: () => Uint8Array): string {
    return this.once(name, (path) => writeFileSync(path, bytes()));
  }

  ffmpeg(name: string, args: readonly string[]): string {
    return this.once(name, (path) => void runFfmpegForTest([...args, path]));
  }
}

export const x264 = (parameters = "keyint=25"): string[] => [
  ...["-c:v", "libx264", "-preset", "ultrafast", "-x264-params"],
  `threads=1:scenecut=0:bframes=2:b-adapt=0:${parameters}`,
];
