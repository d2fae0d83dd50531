import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { nameContent } from "./name-content.ts";

const text = (value: string) => Buffer.from(value);
const box = (type: string, content = Buffer.alloc(0)) => {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(content.length + 8);
  header.write(type, 4, "latin1");
  return Buffer.concat([header, content]);
};

describe("nameContent says what a file is that is no video", () => {
  const files: Record<string, [Buffer, RegExp]> = {
    "an empty file": [Buffer.alloc(0), /empty/],
    "an mp4 without its index": [
      Buffer.concat([box("ftyp", text("isom0000")), box("mdat", text("pictures"))]),
      /no index \(moov\)/,
    ],
    "an mp4 that was cut in its index": [
      Buffer.concat([box("ftyp", text("isom0000")), box("moov", Buffer.alloc(100)).subarray(0, 60)]),
      /index \(moov\) is cut off/,
    ],
    "an HTML page": [text("\ufeff\n<!DOCTYPE html><html><body>Not found</body></html>"), /HTML page/],
    "a JSON document": [text('{"error": "gone"}'), /JSON/],
    "a Git LFS pointer": [
      text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
      /Git LFS pointer/,
    ],
    "a playlist": [text("#EXTM3U\n#EXTINF:3,\nclip.ts\n"), /playlist/],
    "an XML document": [text("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"), /XML/],
    "a text": [text("nothing of a video in here"), /a text/],
    "a gzip file": [gzipSync("a clip"), /gzip/],
    "a zip archive": [text("PK\x03\x04rest"), /zip/],
    "a JPEG": [Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /picture \(jpeg\)/],
    "a PNG": [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), /picture \(png\)/],
    "a HEIC": [box("ftyp", text("heic0000mif1")), /picture \(heic\)/],
    "a WAV": [text("RIFF\0\0\0\0WAVEfmt "), /sound \(wav\)/],
  };

  it.each(Object.entries(files))("%s", (_name, [bytes, detail]) => {
    expect(nameContent(bytes)?.detail).toMatch(detail);
  });

  it("and has no name for noise", () => {
    expect(nameContent(Buffer.alloc(5000, 7))).toBeNull();
  });
});
