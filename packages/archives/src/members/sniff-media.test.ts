import { describe, expect, it } from "vitest";
import { isMediaContent } from "./sniff-media.ts";

const bytes = (text: string): Uint8Array => Buffer.concat([Buffer.from(text, "latin1"), Buffer.alloc(64)]);
const transport = Buffer.alloc(600);
for (const at of [0, 188, 376, 564]) transport[at] = 0x47;

describe("the first bytes of a file without a name to trust", () => {
  it.each<[string, Uint8Array, ("video" | "picture")[]]>([
    ["an mp4", bytes("\0\0\0\u0020ftypisom"), ["video"]],
    ["a QuickTime film", bytes("\0\0\0\u0008wide"), ["video"]],
    ["a webm", bytes("\u001aE\u00df\u00a3"), ["video"]],
    ["an avi", bytes("RIFF\0\0\0\0AVI "), ["video"]],
    ["a transport stream", transport, ["video"]],
    ["a JPEG", bytes("\u00ff\u00d8\u00ff\u00e0"), ["picture"]],
    ["a PNG", bytes("\u0089PNG\r\n\u001a\n"), ["picture"]],
    ["a WebP", bytes("RIFF\0\0\0\0WEBP"), ["picture"]],
    ["a GIF", bytes("GIF89a"), ["video", "picture"]],
    ["a text", bytes("hello"), []],
    ["a playlist", bytes("#EXTM3U\nhttp://example.org/x.ts"), []],
    ["a playlist behind a BOM", bytes("\u00ef\u00bb\u00bf  #EXTM3U\n"), []],
    ["a list of ffmpeg's", bytes("ffconcat version 1.0\nfile /etc/passwd"), []],
    ["a session description", bytes("v=0\r\no=- 0 0 IN IP4 127.0.0.1"), []],
    ["a DASH manifest", bytes("<MPD xmlns='urn'>"), []],
    ["an SVG", bytes("<svg xmlns='http://www.w3.org/2000/svg'>"), []],
    ["nothing", new Uint8Array(0), []],
  ])("tell what %s is", (_, head, kinds) => {
    const all = ["video", "picture"] as const;
    expect(all.filter((wanted) => isMediaContent(head, wanted))).toEqual(kinds);
  });
});
