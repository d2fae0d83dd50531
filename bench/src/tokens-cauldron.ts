import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cost, median, medianCost } from "./measure.ts";
import { photos } from "./photos.ts";
import { shardmillCost } from "./shardmill-cost.ts";
import type { TokensOptions } from "./tokens-options.ts";
import { writeCauldronParquet } from "./write-cauldron-parquet.ts";

const forms = ["raw", "tokens"] as const;
/** Questions and answers about a picture: The Cauldron has some sixteen to a row. */
const turns = 16;

/** Whole builds of the same rows with tokens and without, in turn. */
export async function compareCauldron({ json, tokenizer, rows, rounds }: TokensOptions): Promise<void> {
  const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const [count = 0] = rows;
  const folder = await mkdtemp(join(tmpdir(), "shardmill-bench-cauldron-tokens-"));
  try {
    const source = join(folder, "source");
    await mkdir(join(source, "ai2d"), { recursive: true });
    const file = join(source, "ai2d/train-00000-of-00001-0123456789abcdef.parquet");
    await writeCauldronParquet(file, await photos(), { rows: count, turns });
    const costs: Record<(typeof forms)[number], Cost[]> = { raw: [], tokens: [] };
    for (let round = 1; round <= rounds; round += 1)
      for (const form of forms) {
        const out = join(folder, `out-${form}-${round}`);
        const recipe =
          form === "raw" ? [] : ["--recipe", "seed-stage2", "--set", `recipe.text.tokenizer=${tokenizer}`];
        const cost = await shardmillCost(count, [
          ...["build", "the-cauldron", "--subsets", "ai2d", "--source", source, "--out", out],
          ...["--workers", "2", ...recipe],
        ]);
        await rm(out, { recursive: true });
        costs[form].push(cost);
        say(`round ${round} ${form.padEnd(7)}${(cost.cpuSecondsPerClip * 1e3).toFixed(2)} CPU ms/row`);
      }
    for (const form of forms)
      say(
        `median  ${form.padEnd(7)}${(medianCost(costs[form]).cpuSecondsPerClip * 1e3).toFixed(2)} CPU ms/row`,
      );
    const ratio = median(
      costs.tokens.map(
        (cost, at) => cost.cpuSecondsPerClip / (costs.raw[at]?.cpuSecondsPerClip ?? Number.NaN),
      ),
    );
    say(
      `${count} rows of ${turns} turns: CPU with tokens to without ${ratio.toFixed(3)} (at most 1.15), median of the rounds' ratios`,
    );
    if (json) process.stdout.write(`${JSON.stringify({ rows: count, turns, costs, ratio }, null, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
