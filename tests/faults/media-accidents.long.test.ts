import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateInProcess } from "../support/evaluate-in-process.ts";
import { MillHouse } from "./mill-house.ts";
import { killHard, processesOf } from "./processes.ts";
import { until } from "./until.ts";

/** Accidents of the decoding child itself, libav and all, in the middle of a build. */
let house: MillHouse;

beforeAll(async () => {
  house = await MillHouse.open({ parts: [72], each: 24, samplesPerShard: 4, seconds: 6 });
});
afterAll(() => house.close());

interface LogLine {
  readonly msg: string;
  readonly code?: string;
  readonly member?: string;
  readonly attempt?: number;
}

function childrenLost(out: string): LogLine[] {
  const logs = join(house.folder(out), ".shardmill/logs");
  return readdirSync(logs)
    .filter((name) => name.endsWith(".log"))
    .flatMap((name) => readFileSync(join(logs, name), "utf8").trim().split("\n"))
    .map((line) => JSON.parse(line) as LogLine)
    .filter(({ msg }) => msg === "media child lost");
}

/** What `/metrics` adds up as shardmill_clips_retried_total. */
function retriedClips(out: string): number {
  const folder = join(house.folder(out), ".shardmill/manifests");
  return house
    .manifests(out)
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as { made: { retriedClips: number } })
    .reduce((sum, { made }) => sum + made.retriedClips, 0);
}

const hoard = "globalThis.hoard = []; setInterval(() => hoard.push(Buffer.alloc(16 << 20, 1)), 20); 0";
/** A child that is killed between two clips is replaced without a word: this one is killed as it answers to its next. */
const killOnClip = `for (const handle of process._getActiveHandles())
  handle.write = () => process.kill(process.pid, "SIGKILL"); 0`;
const accidents = [
  { name: "killed", code: "decoder_crash", strike: (pid: number) => evaluateInProcess(pid, killOnClip) },
  { name: "stopped", code: "decode_timeout", strike: async (pid: number) => void killHard(pid, "SIGSTOP") },
  { name: "made to allocate", code: "decode_oom", strike: (pid: number) => evaluateInProcess(pid, hoard) },
];

describe("a decoding child, in the middle of a build, that is", () => {
  for (const { name, code, strike } of accidents) {
    it(`${name} is replaced: ${code} in the log and in the books, and no byte is another`, async () => {
      const out = house.newOut();
      const build = house.start(out, {}, ["--child-memory", "300MB", "--workers", "1"]);
      await until("a shard committed", () => house.isInTheMiddle(out));
      const worker = processesOf(build.child.pid!, "worker")[0]!;
      await strike(processesOf(worker.pid, "media")[0]!.pid);
      const ended = await build.ended;
      expect(ended.code, ended.stderr).toBe(1);
      expect(childrenLost(out)).toEqual(
        expect.arrayContaining([expect.objectContaining({ code, attempt: 1, member: expect.any(String) })]),
      );
      expect(retriedClips(out)).toBeGreaterThanOrEqual(1);
      await house.expectAsIfNothingHappened(out);
    });
  }
});

describe("kill -9 of media children, whatever they are about", () => {
  it("at any moment: their clips are decoded again, and nobody hears of it", async () => {
    const out = house.newOut();
    const build = house.start(out);
    let killed = 0;
    for (const wanted of [1, 2]) {
      await until("a media child", () => {
        const child = processesOf(build.child.pid!, "media").at(-1);
        if (child !== undefined && killHard(child.pid)) killed += 1;
        return killed >= wanted;
      });
    }
    const ended = await build.ended;
    expect(ended.code, ended.stderr).toBe(1);
    await house.expectAsIfNothingHappened(out);
  });
});
