import { readFileSync } from "node:fs";
import { type AwkwardClip, type ClipWorkshop, rate, x264 } from "./clip-workshop.ts";
import { joinFragments, withoutOffsets, withTrackOff } from "./mp4-surgery.ts";

const x265 = [
  ...["-c:v", "libx265", "-preset", "ultrafast", "-x265-params"],
  "pools=none:frame-threads=1:log-level=none:scenecut=0:keyint=25:bframes=3:b-adapt=0",
];
const at = (seconds: number) => ["-output_ts_offset", String(seconds)];
const concat = (...paths: string[]) => Buffer.concat(paths.map((path) => readFileSync(path)));

/** Where the first take of a glued clip begins: far enough for a step back of an hour. */
const firstAt = 4000;
const seconds = 3;

/** Seconds from the first take's end to the second's start. */
const steps = [-3600, -60, -12, -1, -0.093, 0, 0.013, 1, 5, 9.987, 12, 60, 3600];

/** Two takes one after the other in containers whose clock may start again, and in some whose clock may not. */
export function gluedClips(shop: ClipWorkshop): AwkwardClip[] {
  const pair = (container: string, codec: readonly string[], step: number, cut = 0): AwkwardClip => ({
    name: `${container} ${step} s`,
    make: () =>
      shop.written(`glued${step}.${container}`, () => {
        const first = shop.take("a", `at.${container}`, [...codec, ...at(firstAt)]);
        const second = shop.take("b", `at${step}.${container}`, [...codec, ...at(firstAt + seconds + step)]);
        return Buffer.concat([readFileSync(first), readFileSync(second).subarray(cut)]);
      }),
  });
  const again = (container: string, codec: readonly string[], cut = 0): AwkwardClip => ({
    name: `${container}, the same clock again`,
    make: () =>
      shop.written(`again.${container}`, () => {
        const first = readFileSync(shop.take("a", `again.${container}`, codec));
        return Buffer.concat([
          first,
          readFileSync(shop.take("b", `again.${container}`, codec)).subarray(cut),
        ]);
      }),
  });
  const mpeg2 = ["-c:v", "mpeg2video", "-bf", "2", "-q:v", "4"];
  const flvHeader = 13;
  return [
    ...steps.map((step) => pair("ts", x264(), step)),
    ...[-60, -1, 0.013, 12].map((step) => pair("mpg", mpeg2, step)),
    ...[-60, -1, 0.013, 5, 12].map((step) => pair("flv", x264(), step, flvHeader)),
    again("ts", x264()),
    again("mpg", mpeg2),
    again("ogv", ["-c:v", "libtheora", "-q:v", "7"]),
    again("flv", x264(), flvHeader),
    again("mkv", x264()),
    again("mp4", x264()),
    again("h264", x264()),
    {
      name: "ts, three takes, each with its own clock",
      make: () =>
        shop.written("three.ts", () =>
          concat(
            shop.take("a", "again.ts", x264()),
            shop.take("b", "far.ts", [...x264(), ...at(500)]),
            shop.take("a", "at.ts", [...x264(), ...at(firstAt)]),
          ),
        ),
    },
    {
      name: "fragments whose clock starts again",
      make: () =>
        shop.written("fragments-again.mp4", () => {
          const options = [...x264(), "-movflags", "frag_keyframe+empty_moov+default_base_moof"];
          const [a, b] = (["a", "b"] as const).map((take) =>
            readFileSync(shop.take(take, "frag.mp4", options)),
          );
          return joinFragments(a ?? Buffer.alloc(0), b ?? Buffer.alloc(0), false);
        }),
    },
  ];
}

/** Parameter sets that change beside the packets' bytes. */
export function changingClips(shop: ClipWorkshop): AwkwardClip[] {
  const kinds: readonly [string, string, string, string?][] = [
    ["quantiser", "qp=20:keyint=25", "qp=40:keyint=25"],
    ["entropy coder", "cabac=1:keyint=25", "cabac=0:keyint=25"],
    ["no B-frames", "bframes=2:keyint=25", "bframes=0:keyint=25"],
    ["reference frames", "ref=1:keyint=12", "ref=4:keyint=12"],
    ["size", "keyint=25", "keyint=25", "128x96"],
  ];
  const fragmented = ["-movflags", "frag_keyframe+empty_moov+default_base_moof"];
  return kinds.flatMap(([name, before, after, size]): AwkwardClip[] => {
    const file = name.replaceAll(" ", "-");
    const other = size === undefined ? {} : { size };
    const b = (container: string, options: readonly string[]) =>
      shop.take("b", `${file}.${container}`, [...x264(after), ...options, ...at(seconds)], other);
    const a = (container: string, options: readonly string[]) =>
      shop.take("a", `${file}.${container}`, [...x264(before), ...options]);
    return [
      {
        name: `flv, ${name} changes`,
        make: () =>
          shop.written(`${file}.flv`, () =>
            Buffer.concat([readFileSync(a("flv", [])), readFileSync(b("flv", [])).subarray(13)]),
          ),
      },
      {
        name: `mp4 with two sample entries, ${name} changes`,
        make: () =>
          shop.written(`${file}.mp4`, () =>
            joinFragments(readFileSync(a("mp4", fragmented)), readFileSync(b("mp4", fragmented)), true),
          ),
      },
    ];
  });
}

/** Several video streams, of which ffmpeg takes one. */
export function manyStreamClips(shop: ClipWorkshop): AwkwardClip[] {
  const both = (name: string, sizes: readonly [string, string], options: readonly string[]): string => {
    const a = shop.take("a", `${sizes[0]}.mp4`, x264(), { size: sizes[0] });
    const b = shop.take("b", `${sizes[1]}.mp4`, x264(), { size: sizes[1], seconds: 4 });
    return shop.ffmpeg(name, ["-i", a, "-i", b, "-map", "0:v", "-map", "1:v", "-c", "copy", ...options]);
  };
  const flags = (first: string, second: string) => ["-disposition:v:0", first, "-disposition:v:1", second];
  return [
    {
      name: "mkv, the smaller is default",
      make: () => both("d1.mkv", ["160x120", "128x96"], flags("0", "default")),
    },
    { name: "mkv, the larger is second", make: () => both("d2.mkv", ["128x96", "160x120"], flags("0", "0")) },
    {
      name: "mkv, both default and equal",
      make: () => both("d3.mkv", ["160x120", "160x120"], flags("default", "default")),
    },
    { name: "mp4, the larger is second", make: () => both("d4.mp4", ["128x96", "160x120"], []) },
    {
      name: "mp4, the first is switched off",
      make: () =>
        shop.written("off.mp4", () =>
          withTrackOff(readFileSync(both("d5.mp4", ["160x120", "128x96"], [])), 0),
        ),
    },
    { name: "ts, two streams", make: () => both("d6.ts", ["128x96", "160x120"], []) },
    {
      name: "ts, two programs",
      make: () => both("d7.ts", ["128x96", "160x120"], ["-program", "st=0", "-program", "st=1"]),
    },
    {
      name: "mkv with a cover before its video",
      make: () => {
        const cover = shop.ffmpeg("cover.jpg", [
          "-f",
          "lavfi",
          "-i",
          "testsrc2=size=640x480",
          "-frames:v",
          "1",
        ]);
        const video = shop.take("a", "160x120.mp4", x264(), { size: "160x120" });
        const options = [
          "-attach",
          cover,
          "-metadata:s:t",
          "mimetype=image/jpeg",
          "-map",
          "0:v",
          "-c",
          "copy",
        ];
        return shop.ffmpeg("cover.mkv", ["-i", video, ...options]);
      },
    },
  ];
}

/** Clocks that begin late, before zero, or with the sound. */
export function clockClips(shop: ClipWorkshop): AwkwardClip[] {
  const late = (container: string, offset: number, options: readonly string[] = []): AwkwardClip => ({
    name: `${container} from ${offset} s${options.length > 0 ? " in fragments" : ""}`,
    make: () =>
      shop.take("a", `late${offset}${options.length}.${container}`, [...x264(), ...options, ...at(offset)]),
  });
  const withSound = (container: string, codec: readonly string[]): AwkwardClip => ({
    name: `${container}, sound begins before the picture`,
    make: () =>
      shop.ffmpeg(`sound.${container}`, [
        ...["-itsoffset", "0.21", "-f", "lavfi", "-i", `testsrc2=size=160x120:rate=${rate}:duration=3`],
        ...["-f", "lavfi", "-i", "sine=duration=3.5", "-pix_fmt", "yuv420p", ...codec],
      ]),
  });
  return [
    late("mp4", 18_000, ["-movflags", "frag_keyframe+empty_moov"]),
    late("mp4", 18_000, ["-movflags", "frag_keyframe+empty_moov+frag_discont"]),
    late("mkv", 18_000),
    late("ts", 18_000),
    late("flv", 18_000),
    late("ts", 95_441),
    late("mp4", 3600),
    ...["ts", "mkv", "mp4", "flv"].map((container) => withSound(container, x264())),
    withSound("mpg", ["-c:v", "mpeg2video"]),
  ];
}

/** Pictures without their order, and streams without a container. */
export function orderClips(shop: ClipWorkshop): AwkwardClip[] {
  const unordered = (name: string, codec: readonly string[]): AwkwardClip => ({
    name: `${name} whose times are those of decoding`,
    make: () =>
      shop.written(`unordered-${name}.mp4`, () =>
        withoutOffsets(readFileSync(shop.take("a", `ordered-${name}.mp4`, codec))),
      ),
  });
  const raw = (name: string, extension: string, codec: readonly string[]): AwkwardClip => ({
    name: `raw ${name}`,
    make: () => shop.take("a", `raw-${name}.${extension}`, codec),
  });
  return [
    unordered("h264", x264()),
    unordered("h264-pyramid", x264("keyint=40:bframes=3:b-pyramid=normal:open-gop=1")),
    unordered("hevc", x265),
    unordered("mpeg4", ["-c:v", "mpeg4", "-bf", "2", "-q:v", "4"]),
    raw("h264", "h264", x264()),
    raw("h264-without-b", "h264", x264("keyint=25:bframes=0")),
    raw("hevc", "hevc", x265),
    raw("mpeg4", "m4v", ["-c:v", "mpeg4", "-q:v", "4"]),
    raw("mpeg2", "m2v", ["-c:v", "mpeg2video", "-q:v", "4"]),
    raw("mjpeg", "mjpeg", ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "4"]),
    {
      name: "avi with packets that repeat the picture",
      make: () =>
        shop.take("a", "repeats.avi", [
          ...["-vf", "select='lt(mod(n,9),5)'", "-fps_mode", "passthrough", "-c:v", "mpeg4", "-q:v", "4"],
        ]),
    },
    {
      name: "ogg with packets that repeat the picture",
      make: () =>
        shop.take("a", "repeats.ogv", [
          ...["-vf", "select='lt(mod(n,9),5)'", "-fps_mode", "passthrough", "-c:v", "libtheora", "-q:v", "7"],
        ]),
    },
  ];
}
