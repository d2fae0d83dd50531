import { type PathVerdict, verifyPath } from "@shardmill/shards";
import type { CommandContext } from "../context/command-context.ts";
import { exitCodes } from "../process/exit-code.ts";
import { LiveLines } from "../screen/live-lines.ts";
import { safeText } from "../text/clean-text.ts";
import { plural } from "../text/format.ts";

export async function verify(
  context: CommandContext,
  path: string,
  options: { deep?: true; json?: true },
): Promise<void> {
  const { console, signal } = context;
  const live = console.isLive && options.json !== true ? new LiveLines(process.stdout, console.render) : null;
  const verdict = await verifyPath(
    path,
    {
      deep: options.deep === true,
      onShard: (shard, done, total) => live?.draw([`verifying ${shard} (${done}/${total})`]),
    },
    signal,
  );
  live?.clear();
  if (options.json === true) console.json(verdict);
  else printVerdict(context, path, verdict);
  context.setExitCode(verdict.ok ? exitCodes.ok : exitCodes.withFailures);
}

export function printVerdict({ console }: CommandContext, path: string, verdict: PathVerdict): void {
  for (const { shard, part, code, detail } of verdict.problems) {
    console.out(`${console.paint("red", code)}  ${safeText(shard ?? part ?? "")}  ${safeText(detail)}`);
  }
  const figures = `${plural(verdict.shards, "shard")}, ${plural(verdict.samples, "sample")}`;
  console.out(
    verdict.ok
      ? `${console.paint("green", "ok")}  ${path}: ${figures}, no problem found`
      : `${console.paint("red", "not ok")}  ${path}: ${figures}, ${plural(verdict.problems.length, "problem")}`,
  );
}
