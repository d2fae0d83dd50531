import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { type BuildRecord, partLabel } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { type BuildStatus, composeBuild } from "@shardmill/pipeline";
import { verifyPath } from "@shardmill/shards";
import { openRecords, openStore } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { type DemoMirror, makeDemoMirror } from "../demo/make-demo-mirror.ts";
import { writeDemoSheet } from "../demo/write-demo-sheet.ts";
import { exitCodes } from "../process/exit-code.ts";
import { pathWord, shellCommand } from "../text/shell-command.ts";
import { workerArgs } from "../worker/worker-args.ts";
import { runBuild } from "./run-build.ts";
import { printStatus, type TimedStatus } from "./status.ts";
import { printVerdict } from "./verify.ts";

export async function runDemo(context: CommandContext, folder: string): Promise<void> {
  const dir = resolve(folder);
  const { console, signal } = context;
  const below = relative(process.cwd(), dir) || ".";
  const shown = below.startsWith("..") ? dir : below;
  console.note("1. Making a small mirror that is laid out like OpenVid-1M ...");
  const mirror = await makeDemoMirror(join(dir, "source"), signal);
  const out = join(dir, "out");
  console.note(`2. Building its ${mirror.parts} parts through the queue ...`);
  const { status, time, build } = await buildMirror(context, mirror, out);
  const name = build.dataset.name;
  const asked = new Set(build.selected.map(partLabel));
  const parts = status.parts.filter((part) => asked.has(part.label));
  printStatus(context, { status: { ...status, parts }, time }, true);
  console.note("3. Verifying the shards, every JPEG decoded ...");
  const verdict = await verifyPath(join(out, name), { deep: true }, signal);
  printVerdict(context, `${shown}/out/${name}`, verdict);
  const differences = compareAccounts(mirror, status);
  for (const line of differences) console.out(console.paint("red", line));
  if (differences.length === 0)
    console.out(
      `${console.paint("green", "ok")}  the accounts equal what was planted: every member and every caption has its fate`,
    );
  const sheet = await writeDemoSheet(dir, join(out, name), signal);
  console.out(`${console.paint("green", "ok")}  frames with their times: ${shown}/${relative(dir, sheet)}`);
  printNext(context, shown);
  context.setExitCode(verdict.ok && differences.length === 0 ? exitCodes.ok : exitCodes.withFailures);
}

async function buildMirror(
  context: CommandContext,
  { folder: sourceFolder }: DemoMirror,
  out: string,
): Promise<TimedStatus & { readonly build: BuildRecord }> {
  const { settings, signal } = context;
  const surroundings = surroundingsOf(settings, { out });
  const dataset = (await context.catalogue()).get("openvid-1m");
  const toolchain = (decoder: "libav" | "process") => readToolchain(decoder);
  const request = { dataset, sourceFolder, toolchain, parts: null, settings: [], rebuild: false };
  const { build } = await composeBuild(request, surroundings, signal);
  const { status, time } = await runBuild(context, {
    records: openRecords(await openStore(out), dataset.name),
    build,
    parts: build.selected.map((part) => ({ part, order: { kind: "rebuild" } })),
    asked: build.selected.map(partLabel),
    surroundings,
    workerArgs: workerArgs({
      workers: availableParallelism(),
      memory: 512_000_000,
      childMemory: 1_000_000_000,
    }),
    mayHandOver: false,
    thenRoots: false,
    comeBack: "npm start",
  });
  return { status, time, build };
}

/** The demo is right when its accounts equal what it planted. */
function compareAccounts(mirror: DemoMirror, { totals }: BuildStatus): string[] {
  const planted: Record<string, number> = { ...mirror.failed, ...mirror.skipped };
  const expected: [string, number | null, number][] = [
    ["members", totals.members, mirror.members],
    ["packed", totals.packed, mirror.packed],
    ["unmatched annotations", totals.unmatched, 1],
    ...Object.entries(planted).map(([code, count]): [string, number, number] => [
      code,
      totals.byCode[code] ?? 0,
      count,
    ]),
  ];
  return expected
    .filter(([, found, wanted]) => found !== wanted)
    .map(([what, found, wanted]) => `expected ${wanted} ${what}, found ${found}`);
}

function printNext({ console }: CommandContext, dir: string): void {
  const shard = `${dir}/out/openvid-1m/openvid-1m-p0000-0000.tar`;
  const next: [string, string][] = [
    ["which clips were left out, and why", shellCommand("failures", "openvid-1m", "--out", `${dir}/out`)],
    ["what a shard holds", shellCommand("inspect", pathWord(shard))],
    ["your own build, real data", "build openvid-1m --parts 72-74 --out DIR"],
  ];
  console.out("\nWhat next:");
  for (const [what, command] of next)
    console.out(`  ${console.paint("dim", `# ${what}`)}\n  ${calledAs(process.env)} ${command}`);
}

/** How the next command is written by someone who wrote this one: npm says by which of its ways it was called. */
function calledAs({ npm_lifecycle_event: way }: NodeJS.ProcessEnv): string {
  if (way === undefined) return "shardmill";
  return way === "npx" ? "npx shardmill" : "npm run shardmill --";
}
