import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ffmpeg } from "../support/make-clips.ts";
import { withExternalData } from "./external-data.ts";

/** A clip, and what has to become of it. */
export interface HostileClip {
  readonly name: string;
  readonly bytes: Buffer;
  readonly fate: RegExp;
}

interface Outside {
  readonly path: string;
  readonly url: string;
  readonly port: number;
}

const tooLarge = /^too_large$/;
const refused = /^(no_video_stream|decode_error|zero_frames)$/;

/** Clips that are far from what a clip should be, and texts that a demuxer would follow to files and addresses. */
export function hostileClips(outside: Outside): HostileClip[] {
  return [...extremeClips(outside), ...pointers(outside)];
}

function extremeClips(outside: Outside): HostileClip[] {
  const folder = mkdtempSync(join(tmpdir(), "shardmill-hostile-clips-"));
  try {
    return made(folder, outside);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function made(folder: string, outside: Outside): HostileClip[] {
  const clip = (name: string, input: readonly string[], output: readonly string[]): Buffer => {
    const file = join(folder, name);
    execFileSync(ffmpeg, ["-v", "error", "-nostdin", "-y", ...input, "-threads", "1", ...output, file]);
    return readFileSync(file);
  };
  const lavfi = (source: string): string[] => ["-f", "lavfi", "-i", source];
  const mpeg4 = ["-c:v", "mpeg4", "-pix_fmt", "yuv420p"];
  const mjpeg = ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "31"];
  const sound = clip("good.mp4", lavfi("testsrc2=size=64x48:rate=10:duration=2"), mpeg4);
  const tracks = Array.from({ length: 1000 }, () => ["-map", "0:v"]).flat();
  const copied = ["-i", join(folder, "good.mp4"), ...tracks];
  const days = ["-frames:v", "2", "-vf", "setpts=N*86400/TB", "-fps_mode", "passthrough", ...mpeg4];
  const small = clip("small.avi", lavfi("testsrc2=size=16x16:rate=5:duration=2"), mjpeg);
  return [
    { name: "good.mp4", bytes: sound, fate: /^packed$/ },
    { name: "thousand-streams.mp4", bytes: clip("t.mp4", copied, ["-c", "copy"]), fate: refused },
    {
      name: "thousand-streams.mkv",
      bytes: clip("t.mkv", copied, ["-c", "copy"]),
      fate: /^(decode_error|decode_truncated)$/,
    },
    { name: "day.mkv", bytes: clip("day.mkv", lavfi("testsrc2=size=64x48:rate=1"), days), fate: tooLarge },
    { name: "says-day.mp4", bytes: declaring24Hours(sound), fate: /^(too_large|packed|decode_truncated)$/ },
    {
      name: "one-pixel.mkv",
      bytes: clip("one.mkv", lavfi("testsrc2=size=16x16:rate=5:duration=2"), [
        ...["-vf", "format=gbrp,crop=1:1", "-c:v", "ffv1"],
      ]),
      fate: /^packed$/,
    },
    // As large as ffmpeg makes them; a header can claim more.
    {
      name: "large.avi",
      bytes: clip("large.avi", lavfi("color=gray:size=15984x15984:rate=1"), ["-frames:v", "1", ...mjpeg]),
      fate: tooLarge,
    },
    {
      name: "says-large.avi",
      bytes: declaring16384(small),
      fate: /^(too_large|decode_error|no_video_stream|zero_frames)$/,
    },
    { name: "external-data.mov", bytes: withExternalData(sound, outside.path), fate: refused },
  ];
}

/** The durations that a movie's and its track's headers declare, 24 hours at their own time scales. */
function declaring24Hours(mp4: Buffer): Buffer {
  const bytes = Buffer.from(mp4);
  const scale = bytes.readUInt32BE(bytes.indexOf("mvhd") + 16);
  bytes.writeUInt32BE(scale * 86_400, bytes.indexOf("mvhd") + 20);
  bytes.writeUInt32BE(scale * 86_400, bytes.indexOf("tkhd") + 24);
  const media = bytes.indexOf("mdhd");
  bytes.writeUInt32BE(bytes.readUInt32BE(media + 16) * 86_400, media + 20);
  return bytes;
}

/** Main header, stream header and every picture's own header. */
function declaring16384(avi: Buffer): Buffer {
  const bytes = Buffer.from(avi);
  const main = bytes.indexOf("avih") + 8;
  const format = bytes.indexOf("strf") + 8;
  for (const at of [main + 32, main + 36, format + 4, format + 8]) bytes.writeUInt32LE(16_384, at);
  const picture = Buffer.from("ffc0001108", "hex");
  for (let at = bytes.indexOf(picture); at >= 0; at = bytes.indexOf(picture, at + 1)) {
    bytes.writeUInt16BE(16_384, at + 5);
    bytes.writeUInt16BE(16_384, at + 7);
  }
  return bytes;
}

function pointers({ path, url, port }: Outside): HostileClip[] {
  const hls = (uri: string, more = ""): string =>
    `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:10\n${more}#EXTINF:9.0,\n${uri}\n#EXT-X-ENDLIST\n`;
  const dash = (base: string): string =>
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${base}</BaseURL></Representation></AdaptationSet></Period></MPD>`;
  const sdp = `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 96\na=rtpmap:96 H264/90000\n`;
  const composition = `<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:1</Id></CompositionPlaylist>`;
  const texts: Record<string, string> = {
    "hls-path.mp4": hls(path),
    "hls-file.mp4": hls(`file://${path}`),
    "hls-http.mp4": hls(`${url}/segment.ts`),
    "hls-concat.ts": hls(`concat:${path}|${path}`),
    "hls-subfile.ts": hls(`subfile,,start,0,end,9,,:${path}`),
    "hls-crypto.ts": hls(`crypto:${path}`),
    "hls-key.mp4": hls("data:,x", `#EXT-X-KEY:METHOD=AES-128,URI="file://${path}"\n`),
    "hls-map.mp4": hls("data:,x", `#EXT-X-MAP:URI="${url}/init.mp4"\n`),
    "hls-master.mp4": `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${url}/list.m3u8\n`,
    "hls-bom.mp4": `\ufeff${hls(path)}`,
    "concat-path.mp4": `ffconcat version 1.0\nfile '${path}'\n`,
    "concat-file.mkv": `ffconcat version 1.0\nfile 'file:${path}'\n`,
    "concat-http.mp4": `ffconcat version 1.0\nfile '${url}/clip.mp4'\n`,
    "dash-file.mp4": dash(`file://${path}`),
    "dash-http.mp4": dash(`${url}/clip.mp4`),
    "sdp.mp4": sdp,
    "composition.mp4": composition,
    "subtitles.avi": `# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\n${path}\n`,
    "bare-path.mp4": path,
    "bare-url.mp4": `${url}/clip.mp4\n`,
    "pattern-%03d.mp4": "a name that a reader of picture series would fill in",
  };
  return Object.entries(texts).map(([name, text]) => ({ name, bytes: Buffer.from(text), fate: refused }));
}
