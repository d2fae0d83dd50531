import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultRecipe } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { accidentalFfmpeg } from "../../testing/make-clip.ts";
import { essence, never, PoolTrial, settings } from "../../testing/pool-trial.ts";
import { childrenOf, isRunning, isStopped, mediaChildren, until } from "../../testing/processes.ts";

const trial = PoolTrial.here();

describe("a clip that goes well", () => {
  it("gives one JPEG per second with its time and its information", () => {
    const [first] = trial.expected;
    expect(first).toMatchObject({ kind: "frames", wanted: 3, complete: true, decodeErrors: 0 });
    if (first?.kind !== "frames") throw new Error("expected frames");
    expect(first.timesS).toEqual([0.48, 1.48, 2.48]);
    expect(first.info).toEqual({ durationS: 3, width: 160, height: 120, fps: 25, codec: "h264" });
    for (const frame of first.frames) expect([...frame.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  });

  it("is refused before any work when it has no bytes or too many", async () => {
    const opened = await trial.open({});
    const empty = await opened.frames({ name: "e", bytes: new Uint8Array() }, settings, never);
    expect(empty).toMatchObject({ kind: "rejected", rejection: { code: "empty_member" } });
    const limits = { ...settings.limits, maxBytes: 1000 };
    const large = await opened.frames(trial.clips[0]!, { ...settings, limits }, never);
    expect(large).toMatchObject({ kind: "rejected", rejection: { code: "too_large" }, attempts: 1 });
  });
});

describe("an accident from outside changes no byte and shows as an incident", () => {
  const accidents = [
    { name: "kill", script: "kill -9 $PPID; sleep 60", code: "decoder_crash" },
    { name: "stop", script: "kill -STOP $PPID; sleep 60", code: "decode_timeout" },
    {
      name: "allocate",
      script: `exec ${process.execPath} -e 'const all=[]; for(;;) all.push(Buffer.alloc(1e7,1))'`,
      code: "decode_oom",
    },
  ];
  for (const { name, script, code } of accidents) {
    it(`${name}: ${code}`, async () => {
      const ffmpegPath = accidentalFfmpeg(trial.folder, { name, when: "*rawvideo*", times: 1, script });
      const opened = await trial.open({ ffmpegPath, memoryLimitMb: 700, limits: { pollMs: 50 } });
      expect(await trial.all(opened)).toEqual(trial.expected);
      expect(trial.incidents).toMatchObject([{ code, attempt: 1 }]);
    });
  }
});

describe("a clip that fails every attempt", () => {
  it("is left out, and its neighbours lose nothing", async () => {
    // Only the marked clip is unlucky: its settings are the only ones of this size.
    const accident = {
      name: "always",
      when: "*scale=200:200*",
      times: 99,
      script: "kill -9 $PPID; sleep 60",
    };
    const opened = await trial.open({ ffmpegPath: accidentalFfmpeg(trial.folder, accident) });
    const unlucky = opened.frames(trial.clips[0]!, { ...settings, size: 200 }, never);
    expect(await trial.all(opened)).toEqual(trial.expected);
    expect(await unlucky).toMatchObject({
      kind: "rejected",
      rejection: { code: "decoder_crash" },
      attempts: 5,
    });
    expect(trial.incidents.map(({ code, attempt }) => [code, attempt])).toEqual(
      [1, 2, 3, 4, 5].map((attempt) => ["decoder_crash", attempt]),
    );
  });
});

describe("the children", () => {
  it("leave with an aborted clip, and the place is free for the next one", async () => {
    const script = "kill -STOP $$";
    const ffmpegPath = accidentalFfmpeg(trial.folder, {
      name: "abort",
      when: "*framecrc*",
      times: 1,
      script,
    });
    const opened = await trial.open({ ffmpegPath, size: 1, limits: { pollMs: 1_000_000 } });
    const controller = new AbortController();
    const abandoned = opened.frames(trial.clips[0]!, settings, controller.signal);
    const waiting = opened.frames(trial.clips[1]!, settings, never);
    await until(() => (mediaChildren().flatMap(childrenOf).some(isStopped) ? true : null));
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(abandoned).rejects.toBe(reason);
    expect(essence(await waiting)).toEqual(trial.expected[1]);
    expect(trial.incidents).toEqual([]);
  });

  it("are as many as the pool is large, and are replaced after so many clips", async () => {
    const opened = await trial.open({ size: 1, recycleAfterClips: 2 });
    const seen: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      expect(essence(await opened.frames(trial.clips[0]!, settings, never))).toEqual(trial.expected[0]);
      seen.push(mediaChildren().join());
    }
    expect(seen[0]).not.toBe(seen[1]);
    expect(seen.at(-1)?.split(",").length).toBeLessThanOrEqual(2);
  });

  it("see nothing of the worker's environment", async () => {
    process.env.HF_TOKEN = "hf_secret";
    try {
      await trial.open({ size: 1 });
      for (const pid of mediaChildren())
        expect(readFileSync(`/proc/${pid}/environ`, "latin1")).not.toContain("hf_secret");
    } finally {
      delete process.env.HF_TOKEN;
    }
  });

  it("die with their parent, in mid clip as well", async () => {
    const script = "kill -STOP $$";
    const ffmpegPath = accidentalFfmpeg(trial.folder, {
      name: "orphan",
      when: "*framecrc*",
      times: 9,
      script,
    });
    const code = `
      import { openMediaPool } from ${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)};
      import { readFileSync } from "node:fs";
      const pool = await openMediaPool({ size: 2, decoder: "process", ffmpegPath: ${JSON.stringify(ffmpegPath)}, limits: { pollMs: 1e6 } });
      const clip = { name: "c", bytes: readFileSync(${JSON.stringify(trial.clips[0]!.name)}) };
      void pool.frames(clip, ${JSON.stringify(settings)}, new AbortController().signal);
      console.log("up");
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(parent.stdout, "data");
    const family = await until(() => {
      const children = childrenOf(parent.pid!);
      const grandchildren = children.flatMap(childrenOf);
      return children.length === 2 && grandchildren.length > 0 ? [...children, ...grandchildren] : null;
    });
    parent.kill("SIGKILL");
    await until(() => (family.some(isRunning) ? null : true));
  });
});

describe("a child that is killed while it loads the decoder", () => {
  it("is replaced: an accident is no missing decoder", async () => {
    const preload = join(trial.folder, "kill-before-the-answer.mjs");
    const marker = join(trial.folder, "killed-once");
    writeFileSync(
      preload,
      `import { existsSync, writeFileSync } from "node:fs";
      import { Socket } from "node:net";
      const { write } = Socket.prototype;
      let said = 0;
      Socket.prototype.write = function (...chunk) {
        said += 1;
        // Its first message is that it is up, in two pieces; the next would be that the decoder is loaded.
        if (said > 2 && !existsSync(${JSON.stringify(marker)})) {
          writeFileSync(${JSON.stringify(marker)}, "");
          process.kill(process.pid, "SIGKILL");
        }
        return write.apply(this, chunk);
      };`,
    );
    const opened = await trial.open({
      decoder: "libav",
      environment: { NODE_OPTIONS: `--import=${preload}` },
    });
    expect(existsSync(marker)).toBe(true);
    expect(await opened.frames(trial.clips[0]!, defaultRecipe, never)).toMatchObject({ kind: "frames" });
  });
});

describe("a decoder that cannot be loaded", () => {
  it("is refused in one line when the pool opens, and no other takes its place", async () => {
    await expect(trial.open({ ffmpegPath: "/nonexistent/ffmpeg" })).rejects.toMatchObject({
      code: "decoder_unavailable",
    });
    const refused = await trial
      .open({ decoder: "libav", environment: { NODE_OPTIONS: "--no-addons" } })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "decoder_unavailable" });
    expect((refused as { oneLine(): string }).oneLine()).toContain("--set recipe.decoder=process");
  });
});
