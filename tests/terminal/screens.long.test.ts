import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { shardmill, startShardmill } from "../support/shardmill.ts";
import { hasTmux, TmuxScreen } from "./tmux.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-terminal-"));
const out = join(scratch, "out");
const screens: TmuxScreen[] = [];
let source = "";

function open(options: ConstructorParameters<typeof TmuxScreen>[0]): TmuxScreen {
  const screen = new TmuxScreen(options);
  screens.push(screen);
  return screen;
}

const buildArgs = () => [
  ...["build", "openvid-1m", "--source", source, "--out", out],
  ...["--set", "samplesPerShard=20", "--workers", "1"],
];

if (!hasTmux) console.warn("tmux is not installed: the screens are not tried in a real terminal");

beforeAll(async () => {
  if (!hasTmux) return;
  const clips = await makeClips(5);
  const parts = [0, 1, 2].map((part) => ({ part, members: membersOf(part, clips, 300) }));
  source = await writeFiles(join(scratch, "mirror"), await openvidFiles(parts));
});

afterAll(() => {
  for (const screen of screens) screen.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe.skipIf(!hasTmux)("a build in a real terminal", { timeout: 240_000 }, () => {
  it("is watched, resized, paused, cancelled, begun again, carried on, and built to its end", async () => {
    const build = open({ args: buildArgs(), columns: 80, rows: 24 });
    const running = await build.shows(
      /openvid-1m {2}building from folder:mirror[\s\S]*\[=* *\][\s\S]*parts \d\/3[\s\S]*p000\d-\d{4}/,
    );
    expect(Math.max(...running.map((line) => line.length))).toBeLessThanOrEqual(80);

    const watch = open({ args: ["status", "openvid-1m", "--watch", "--out", out], columns: 200, rows: 50 });
    await watch.shows(/openvid-1m {2}building[\s\S]*q quits watching; the build goes on/);
    const inPipe = startShardmill(["status", "openvid-1m", "--watch", "--out", out]);

    watch.resize(40, 20);
    const narrow = await watch.shows(/^openvid-1m {2}building from folder:mir[^\n]*…$/m);
    expect(narrow.filter((line) => line.includes("q quits")).length).toBe(1);
    expect(narrow.filter((line) => line.includes("building")).length).toBe(1);
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(40);

    const paused = await shardmill(["pause", "openvid-1m", "--out", out]);
    expect(paused.stdout, paused.stderr).toMatch(/is paused[\s\S]*shardmill resume openvid-1m/);
    await build.shows(/openvid-1m {2}paused/);
    await watch.shows(/openvid-1m {2}paused/);
    watch.press("q");
    const quit = await watch.shows(/the build goes on[\s\S]*ENDED WITH 0/);
    expect(quit.join("\n"), "the watching has left nothing behind").not.toMatch(/building|q quits/);

    const cancelled = await shardmill(["cancel", "openvid-1m", "--out", out]);
    expect(cancelled.code, cancelled.stderr).toBe(0);
    await build.shows(/the build is cancelled[\s\S]*rerun: [\s\S]*ENDED WITH 1/);
    const piped = await inPipe.ended;
    expect(piped.code, piped.stderr).toBe(0);
    expect(piped.stdout).toMatch(/members = /);
    expect(piped.stdout + piped.stderr).not.toContain("\u001b");

    const again = open({ args: buildArgs(), columns: 120, rows: 30, environment: { NO_COLOR: "1" } });
    await again.shows(/openvid-1m {2}building/);
    const colour = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`);
    expect(again.lines({ withColours: true }).join("\n")).not.toMatch(colour);
    expect((await shardmill(["pause", "openvid-1m", "--out", out])).code).toBe(0);
    await again.shows(/openvid-1m {2}paused/);
    const resumed = await shardmill(["resume", "openvid-1m", "--out", out]);
    expect(resumed.stdout, resumed.stderr).toMatch(/carries on/);
    const ended = await again.shows(/the build carries on[\s\S]*ENDED WITH \d+/, 90_000);
    expect(ended.join("\n")).toMatch(/check it: {3}shardmill verify/);
    expect(ended.join("\n")).toContain("ENDED WITH 0");
    expect(
      ended.filter((line) => line.includes("building")),
      "nothing of the live block is left",
    ).toEqual([]);
  });

  it("leaves the terminal as it was when Ctrl-C ends the watching", async () => {
    const idle = await shardmill(["status", "openvid-1m", "--watch", "--out", out]);
    expect(idle.stderr).toMatch(/no build of openvid-1m is running/);
    expect(idle.code).toBe(0);

    const rebuild = open({ args: [...buildArgs(), "--rebuild"], columns: 100, rows: 30 });
    await rebuild.shows(/building/);
    const watch = open({ args: ["status", "openvid-1m", "--watch", "--out", out], columns: 80, rows: 24 });
    await watch.shows(/q quits watching/);
    watch.press("C-c");
    await watch.shows(/the build goes on[\s\S]*ENDED WITH 0/);
    rebuild.press("C-c");
    await rebuild.shows(
      /stopping: running shards are handed back[\s\S]*Carry on with: shardmill build[\s\S]*ENDED WITH 130/,
    );
  });
});
