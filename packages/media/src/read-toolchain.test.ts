import { toolchainSchema } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { testFfmpeg } from "../testing/make-clip.ts";
import { readToolchain } from "./read-toolchain.ts";

describe("the toolchain", () => {
  it("names the versions that the bytes depend on, per decoder", async () => {
    const process = await readToolchain("process", { ffmpegPath: testFfmpeg, shardmill: "9.9.9" });
    expect(toolchainSchema.parse(process)).toMatchObject({ shardmill: "9.9.9" });
    expect(process.decoder).toMatch(/^ffmpeg n?7\./);
    const libav = await readToolchain("libav");
    expect(libav.decoder).toMatch(/^libav \d/);
    expect({ ...libav, decoder: "", shardmill: "" }).toEqual({ ...process, decoder: "", shardmill: "" });
  });
});
