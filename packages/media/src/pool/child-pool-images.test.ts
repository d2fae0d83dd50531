import { defaultRecipe } from "@shardmill/core";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { testFfmpeg } from "../../testing/make-clip.ts";
import { openMediaPool } from "./open-media-pool.ts";

const never = new AbortController().signal;

describe("images through the pool", () => {
  it("come back as JPEGs or with a reason, from children that need no video decoder", async () => {
    const pool = await openMediaPool({ size: 1, decoder: "process", ffmpegPath: testFfmpeg });
    try {
      const square = sharp({ create: { width: 50, height: 30, channels: 4, background: "#80000080" } });
      for (const bytes of [
        await square.png().toBuffer(),
        await square.webp().toBuffer(),
        await square.gif().toBuffer(),
      ]) {
        const image = await pool.image({ name: "square", bytes }, defaultRecipe, never);
        expect(image).toMatchObject({ kind: "image", width: 50, height: 30 });
      }
      const whole = await square.jpeg().toBuffer();
      const broken = { name: "broken", bytes: whole.subarray(0, whole.byteLength / 2) };
      expect(await pool.image(broken, defaultRecipe, never)).toMatchObject({
        kind: "rejected",
        rejection: { code: "image_undecodable" },
        attempts: 1,
      });
      const empty = { name: "empty", bytes: new Uint8Array() };
      expect(await pool.image(empty, defaultRecipe, never)).toMatchObject({
        rejection: { code: "empty_member" },
      });
    } finally {
      await pool.close();
    }
  });
});
