import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { compareCauldron } from "./tokens-cauldron.ts";
import { compareClips } from "./tokens-clips.ts";
import { watchRows } from "./tokens-memory.ts";
import { compareRows } from "./tokens-rows.ts";

const kinds = {
  rows: { run: compareRows, rows: "4000", rounds: "5" },
  memory: { run: watchRows, rows: "20000,100000,200000", rounds: "1" },
  cauldron: { run: compareCauldron, rows: "3000", rounds: "5" },
  clips: { run: compareClips, rows: "1000", rounds: "3" },
} as const;

/**
 * `npm run bench -- tokens --tokenizer DIR [--of rows|memory|cauldron|clips] [--rows N] [--rounds N] [--mill N] [--json]`.
 * rows: conversations through the pool and through the whole mill, beside the tokenizers libraries alone. memory: what builds of
 * more and more rows hold. cauldron: pictures with and without tokens. clips: tokens of a finished shard, beside milling it.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      of: { type: "string", default: "rows" },
      tokenizer: { type: "string" },
      texts: { type: "string", default: "docs" },
      workers: { type: "string", default: "2" },
      rounds: { type: "string" },
      rows: { type: "string" },
      mill: { type: "string", default: "40000" },
    },
  });
  if (values.tokenizer === undefined)
    throw new Error("expected --tokenizer DIR, a folder with tokenizer.json and tokenizer_config.json");
  const kind = Object.entries(kinds).find(([name]) => name === values.of)?.[1];
  if (kind === undefined) throw new Error(`expected --of ${Object.keys(kinds).join(", ")}`);
  await kind.run({
    json: values.json,
    tokenizer: resolve(values.tokenizer),
    texts: resolve(values.texts),
    workers: Number(values.workers),
    rounds: Number(values.rounds ?? kind.rounds),
    rows: (values.rows ?? kind.rows).split(",").map(Number),
    mill: Number(values.mill),
  });
}
