import { rmSync } from "node:fs";
import { type ClipResult, defaultRecipe, type MediaIncident, type MediaPool } from "@shardmill/core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type MediaPoolOptions, openMediaPool } from "../src/pool/open-media-pool.ts";
import { makeClip, readClip, testFfmpeg, testFolder } from "./make-clip.ts";

export const settings = { ...defaultRecipe, decoder: "process" as const };
export const never = new AbortController().signal;

/** What a shard is made of: everything but the wall time and how often it was tried. */
export function essence(result: ClipResult): ClipResult {
  return result.kind === "frames" ? { ...result, seconds: 0, attempts: 1 } : result;
}

/** Three clips, what an undisturbed pool makes of them, and a pool that a test opens for its accident. */
export class PoolTrial {
  readonly folder = testFolder();
  readonly clips: { name: string; bytes: Uint8Array }[] = [];
  expected: ClipResult[] = [];
  /** Of the pool that was opened last. */
  incidents: MediaIncident[] = [];
  #pool: MediaPool | null = null;

  /** To be called once in a file: it prepares the clips, and closes each test's pool. */
  static here(): PoolTrial {
    const trial = new PoolTrial();
    beforeAll(() => trial.#prepare());
    afterEach(() => trial.#close());
    afterAll(() => rmSync(trial.folder, { recursive: true }));
    return trial;
  }

  async open(options: Partial<MediaPoolOptions>): Promise<MediaPool> {
    this.incidents = [];
    this.#pool = await openMediaPool({
      size: 2,
      decoder: "process",
      ffmpegPath: testFfmpeg,
      onIncident: (incident) => this.incidents.push(incident),
      ...options,
    });
    return this.#pool;
  }

  async all(from: MediaPool): Promise<ClipResult[]> {
    return (await Promise.all(this.clips.map((clip) => from.frames(clip, settings, never)))).map(essence);
  }

  async #prepare(): Promise<void> {
    for (const [index, rate] of ["25", "30", "24000/1001"].entries())
      this.clips.push(readClip(makeClip(this.folder, `clip-${index}.mp4`, { rate })));
    this.expected = await this.all(await this.open({}));
    expect(this.incidents).toEqual([]);
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#pool?.close();
    this.#pool = null;
  }
}
