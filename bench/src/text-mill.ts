import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Message } from "@shardmill/core";
import type { Cost } from "./measure.ts";
import { shardmillCost } from "./shardmill-cost.ts";

/** SmolTalk of these conversations, as one parquet file: what a whole build of it is made from. */
export class TextMill {
  readonly #folder: string;
  readonly #tokenizer: string;
  #builds = 0;

  private constructor(folder: string, tokenizer: string) {
    this.#folder = folder;
    this.#tokenizer = tokenizer;
  }

  /** The conversations over and over, until there are `rows`. */
  static async open(
    conversations: readonly (readonly Message[])[],
    { rows, tokenizer }: { readonly rows: number; readonly tokenizer: string },
  ): Promise<TextMill> {
    const folder = await mkdtemp(join(tmpdir(), "shardmill-bench-text-"));
    const lines = conversations.map((messages) =>
      JSON.stringify({
        messages: messages.map(({ role, text: content }) => ({ content, role })),
        source: "bench",
      }),
    );
    await writeFile(join(folder, "rows.jsonl"), `${lines.join("\n")}\n`);
    await mkdir(join(folder, "source/data/all"), { recursive: true });
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const times = Math.ceil(rows / conversations.length);
    await connection.run(`COPY (
      SELECT messages, source FROM read_json('${join(folder, "rows.jsonl")}', format = 'newline_delimited'), range(${times})
      LIMIT ${rows}
    ) TO '${join(folder, "source/data/all/train-00000-of-00001.parquet")}' (FORMAT parquet, ROW_GROUP_SIZE 10000)`);
    connection.closeSync();
    instance.closeSync();
    return new TextMill(folder, tokenizer);
  }

  /** A build of the first rows; of the raw texts or of their tokens. */
  async build(format: "raw" | "tokens", rows: number): Promise<Cost> {
    this.#builds += 1;
    const out = join(this.#folder, `out-${this.#builds}`);
    const text =
      format === "raw"
        ? []
        : ["--recipe", "seed-stage2", "--set", `recipe.text.tokenizer=${this.#tokenizer}`];
    const place = ["--source", join(this.#folder, "source"), "--out", out];
    const recipe = [...text, "--set", "textPicture=none", "--set", `rows=0-${rows - 1}`];
    const cost = await shardmillCost(rows, ["build", "smoltalk", ...place, "--workers", "2", ...recipe]);
    await rm(out, { recursive: true, force: true });
    return cost;
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}
