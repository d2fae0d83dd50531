import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { type Ended, shardmill } from "../support/shardmill.ts";

const reader = fileURLToPath(new URL("./read-layouts.py", import.meta.url));

/** A source of clips of unlike lengths, and outputs of it beside each other. */
export class LayoutHouse {
  readonly scratch: string;

  private constructor(scratch: string) {
    this.scratch = scratch;
  }

  /** Two parts with six clips each, of 1 to 3 frames. */
  static async open(): Promise<LayoutHouse> {
    const house = new LayoutHouse(await mkdtemp(join(tmpdir(), "shardmill-layouts-")));
    const clips = await makeClips(4);
    const parts = [0, 1].map((part) => ({ part, members: membersOf(part, clips, 6) }));
    await writeFiles(join(house.scratch, "source"), await openvidFiles(parts));
    return house;
  }

  folder(output: string, out = "out"): string {
    return join(this.scratch, out, output);
  }

  shard(output: string, part = 0): string {
    return join(this.folder(output), `${output}-p000${part}-0000.tar`);
  }

  build(as: string | null, ...more: readonly string[]): Promise<Ended> {
    const out = join(this.scratch, as === null ? "out" : "direct");
    return shardmill([
      ...["build", "openvid-1m", "--source", join(this.scratch, "source"), "--out", out],
      ...(as === null ? [] : ["--as", as]),
      ...more,
    ]);
  }

  layoutArgs(layout: string, as: string, ...more: readonly string[]): string[] {
    return ["layout", this.folder("openvid-1m"), layout, "--as", as, ...more];
  }

  layout(layout: string, as: string, ...more: readonly string[]): Promise<Ended> {
    return shardmill(this.layoutArgs(layout, as, ...more));
  }

  run(command: string, output: string, ...more: readonly string[]): Promise<Ended> {
    return shardmill([command, output, "--out", join(this.scratch, "out"), ...more]);
  }

  close(): Promise<void> {
    return rm(this.scratch, { recursive: true, force: true });
  }
}

/** What Python's standard library reads in shards. */
export function readWithPython(python: string, ...args: readonly string[]): unknown {
  return JSON.parse(execFileSync(python, [reader, ...args], { encoding: "utf8" }));
}
