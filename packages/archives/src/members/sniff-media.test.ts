import { describe, expect, it } from "vitest";
import { sniffMedia } from "./sniff-media.ts";

const bytes = (text: string): Uint8Array => Buffer.concat([Buffer.from(text, "latin1"), Buffer.alloc(64)]);
const transport = Buffer.alloc(600);
for (const at of [0, 188, 376, 564]) transport[at] = 0x47;

describe("sniffMedia", () => {
  it.each<[string, Uint8Array, "video" | "image" | null]>([
    ["a.mp4", bytes("\0\0\0\u0020ftypisom"), "video"],
    ["dir/-b.MOV", bytes("\0\0\0\u0008wide"), "video"],
    ["a.webm", bytes("\u001aE\u00df\u00a3"), "video"],
    ["a.avi", bytes("RIFF\0\0\0\0AVI "), "video"],
    ["a.ts", transport, "video"],
    ["a.jpg", bytes("\u00ff\u00d8\u00ff\u00e0"), "image"],
    ["a.png", bytes("\u0089PNG\r\n\u001a\n"), "image"],
    ["a.webp", bytes("RIFF\0\0\0\0WEBP"), "image"],
    ["a.jpg", bytes("\u0089PNG\r\n\u001a\n"), "image"],
    ["notes.txt", bytes("\0\0\0\u0020ftypisom"), null],
    ["a.mp4", bytes("hello"), null],
    ["._a.mp4", bytes("\0\0\0\u0020ftypisom"), null],
    ["a.mp4", bytes("#EXTM3U\nhttp://example.org/x.ts"), null],
    ["a.mp4", bytes("\u00ef\u00bb\u00bf  #EXTM3U\n"), null],
    ["a.mp4", bytes("ffconcat version 1.0\nfile /etc/passwd"), null],
    ["a.mp4", bytes("v=0\r\no=- 0 0 IN IP4 127.0.0.1"), null],
    ["a.mp4", bytes("<MPD xmlns='urn'>"), null],
    ["a.png", bytes("<svg xmlns='http://www.w3.org/2000/svg'>"), null],
    ["a.mp4", new Uint8Array(0), null],
  ])("takes %s for what its bytes and its name say together", (name, head, kind) => {
    expect(sniffMedia(head, name)).toBe(kind);
  });
});
