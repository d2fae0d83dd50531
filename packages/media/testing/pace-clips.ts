import { type AwkwardClip, type ClipWorkshop, x264 } from "./clip-workshop.ts";

/** Clips whose container tells little of their pace: how long a picture lasts, how many there are a second, where it ends. */
export function paceClips(shop: ClipWorkshop): AwkwardClip[] {
  const source = (rate: string, seconds = 3) => [
    ...["-f", "lavfi", "-i", `testsrc2=size=160x120:rate=${rate}:duration=${seconds}`],
  ];
  const jump = (container: string, seconds: number): AwkwardClip => ({
    name: `${container}, the clock jumps ${seconds} s among pictures that wait`,
    make: () =>
      shop.ffmpeg(`jump${seconds}.${container}`, [
        ...source("25", 5),
        ...[
          "-vf",
          `setpts='PTS+gte(N,60)*${seconds}/TB'`,
          "-fps_mode",
          "vfr",
          "-pix_fmt",
          "yuv420p",
          ...x264(),
        ],
      ]),
  });
  const made = (name: string, file: string, options: readonly string[]): AwkwardClip => ({
    name,
    make: () => shop.ffmpeg(file, options),
  });
  const yuv = ["-pix_fmt", "yuv420p"];
  return [
    jump("ts", 40),
    jump("mkv", 12),
    jump("mp4", 12),
    made("wmv, a sound that begins late and ends early", "late-sound.wmv", [
      ...[...source("25"), "-itsoffset", "0.7", "-f", "lavfi", "-i", "sine=duration=1", ...yuv],
      ...["-c:v", "wmv2"],
    ]),
    made("flv without lengths of pictures", "lengths.flv", [...source("25"), ...yuv, "-c:v", "flv"]),
    made("ts of 1000 pictures a second", "fast.ts", [...source("1000", 2), ...yuv, ...x264()]),
    made("gif of 15 pictures a second", "fifteen.gif", [...source("15", 2)]),
    made("gif of 29.97 pictures a second", "broadcast.gif", [...source("30000/1001", 2)]),
  ];
}
