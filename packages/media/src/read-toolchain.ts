import { readFileSync } from "node:fs";
import { Failure, type Recipe, type Toolchain } from "@shardmill/core";
import { findFfmpeg } from "./process/find-ffmpeg.ts";

/**
 * The versions that pixels and JPEGs depend on. Asked of the libraries themselves, which are loaded
 * for it, so call this in a process where 170 MB more are no matter, or take the version from an open pool.
 */
export async function readToolchain(
  decoder: Recipe["decoder"],
  options: { readonly shardmill?: string; readonly ffmpegPath?: string | null } = {},
): Promise<Toolchain> {
  const { default: sharp } = await import("sharp");
  return {
    shardmill: options.shardmill ?? ownVersion(),
    decoder: await decoderVersion(decoder, options.ffmpegPath ?? null),
    sharp: sharp.versions.sharp ?? "unknown",
    libvips: sharp.versions.vips,
  };
}

async function decoderVersion(decoder: Recipe["decoder"], ffmpegPath: string | null): Promise<string> {
  if (decoder === "process") return `ffmpeg ${(await findFfmpeg({ path: ffmpegPath })).version}`;
  const { loadLibav } = await import("./libav/load-libav.ts");
  return `libav ${(await loadLibav()).version}`;
}

function ownVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const parsed: unknown = JSON.parse(text);
  if (
    typeof parsed === "object" &&
    parsed !== null &&
    "version" in parsed &&
    typeof parsed.version === "string"
  )
    return parsed.version;
  throw new Failure("decoder_unavailable", "expected a version in the media package's package.json");
}
