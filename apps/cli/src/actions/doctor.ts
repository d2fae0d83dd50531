import { tryDatabase } from "@shardmill/pipeline";
import { isBucketAddress } from "@shardmill/store/bucket-address";
import type { CommandContext } from "../context/command-context.ts";
import { type Finding, found, tried } from "../doctor/finding.ts";
import { tryBucketOutput } from "../doctor/try-bucket-output.ts";
import { tryHub } from "../doctor/try-hub.ts";
import { tryMemory, tryNode } from "../doctor/try-machine.ts";
import { tryMedia } from "../doctor/try-media.ts";
import { tryOutput } from "../doctor/try-output.ts";
import { tryRedis } from "../doctor/try-redis.ts";
import { exitCodes } from "../process/exit-code.ts";
import { version } from "../version.ts";

/** One after the other: each line says what was tried, and they do not slow each other down. */
export async function doctor(
  context: CommandContext,
  options: { readonly out: string; readonly json?: true },
): Promise<void> {
  const { console, settings, signal } = context;
  const trials: (() => Promise<Finding | Finding[]>)[] = [
    async () => [found("shardmill", "this command", { version, path: process.argv[1] ?? null }), tryNode()],
    async () => tryMemory(),
    () => tryRedis(settings.redisUrl, process.env.PATH ?? "", signal),
    () => tryMedia(signal),
    () =>
      tried("duckdb", "npm ci; DuckDB's binary does not fit this system", async () =>
        found("duckdb", "a query in memory", { version: await tryDatabase() }),
      ),
    () => (isBucketAddress(options.out) ? tryBucketOutput(options.out) : tryOutput(options.out)),
    () => tryHub(settings.hubEndpoint, settings.hubToken, signal),
  ];
  const findings: Finding[] = [];
  for (const trial of trials) {
    signal.throwIfAborted();
    for (const finding of [await trial()].flat()) {
      findings.push(finding);
      if (options.json !== true) show(console, finding);
    }
  }
  const isFit = findings.every(({ level }) => level !== "fail");
  if (options.json === true) console.json({ ok: isFit, findings });
  else console.out(conclusion(findings));
  context.setExitCode(isFit ? exitCodes.ok : exitCodes.couldNotRun);
}

const styles = { ok: "green", warn: "yellow", fail: "red" } as const;

function show(console: CommandContext["console"], finding: Finding): void {
  const { name, level, what, version: itsVersion, path, remedy } = finding;
  const facts = [itsVersion, what].filter((fact) => fact !== null).join("  ");
  console.out(`${console.paint(styles[level], level.padEnd(4))}  ${name.padEnd(12)}  ${facts}`);
  const indent = " ".repeat(20);
  if (path !== null) console.out(console.paint("dim", `${indent}${path}`));
  if (remedy !== null) console.out(`${indent}${console.paint("bold", "do:")} ${remedy}`);
}

function conclusion(findings: readonly Finding[]): string {
  const failed = findings.filter(({ level }) => level === "fail").length;
  const warned = findings.filter(({ level }) => level === "warn").length;
  if (failed > 0) return `Not fit to build: ${failed} of ${findings.length} trials failed.`;
  return warned === 0
    ? `Fit to build: all ${findings.length} trials passed.`
    : `Fit to build, with ${warned} warning${warned === 1 ? "" : "s"}.`;
}
