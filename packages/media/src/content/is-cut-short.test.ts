import { readFileSync, rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { makeClip, testFolder } from "../../testing/make-clip.ts";
import { isCutShort } from "./is-cut-short.ts";

const folder = testFolder();
afterAll(() => rmSync(folder, { recursive: true }));

describe("a file that was cut off", () => {
  const codecs: Record<string, string> = {
    ...{ "clip.mp4": "mpeg4", "clip.mkv": "mpeg4", "clip.avi": "mpeg4" },
    ...{ "clip.flv": "flv", "clip.wmv": "wmv2", "clip.ivf": "libvpx" },
  };
  for (const [name, codec] of Object.entries(codecs)) {
    it(`is told from a whole one by the sizes in its headers: ${name}`, () => {
      const options = name.endsWith("mp4") ? ["-movflags", "+faststart"] : [];
      const path = makeClip(folder, name, { seconds: 1, options: ["-c:v", codec, ...options] });
      const bytes = readFileSync(path);
      expect(isCutShort(bytes)).toBe(false);
      for (const share of [0.999, 0.5, 0.1])
        expect(isCutShort(bytes.subarray(0, bytes.byteLength * share))).toBe(true);
    });
  }

  it("is not claimed where nothing can be told", () => {
    for (const bytes of [new Uint8Array(), Buffer.from("GGGG"), Buffer.alloc(4000, 0x47)])
      expect(isCutShort(bytes)).toBe(false);
  });
});
