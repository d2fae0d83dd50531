import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { smallTokenizer } from "../../packages/text/testing/small-tokenizer.ts";
import { samplesByKey } from "../support/build-status.ts";
import { type Ended, shardmill } from "../support/shardmill.ts";

export const tokenizerFiles = smallTokenizer(
  "What is shown here? A picture of something small, number 12. Question and answer of a turn.",
);

/** A folder of sources, a tokenizer and a catalogue of one's own, and outputs beside each other. */
export class TextHouse {
  readonly scratch: string;
  readonly environment: Readonly<Record<string, string>>;
  /** A folder with the small tokenizer. */
  readonly tokenizer: string;

  private constructor(scratch: string) {
    this.scratch = scratch;
    this.environment = { XDG_CONFIG_HOME: join(scratch, "config") };
    this.tokenizer = join(scratch, "small");
  }

  static async open(files: Readonly<Record<string, Uint8Array | string>>): Promise<TextHouse> {
    const house = new TextHouse(await mkdtemp(join(tmpdir(), "shardmill-text-sets-")));
    await house.write(files);
    await house.put(join(house.tokenizer, "tokenizer.json"), tokenizerFiles.tokenizer);
    await house.put(join(house.tokenizer, "tokenizer_config.json"), tokenizerFiles.config ?? "");
    return house;
  }

  get source(): string {
    return join(this.scratch, "source");
  }

  async write(files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) await this.put(join(this.source, path), content);
  }

  async put(path: string, content: Uint8Array | string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }

  /** An entry of the user's own catalogue. */
  addEntry(name: string, yaml: string): Promise<void> {
    return this.put(join(this.scratch, "config/shardmill/datasets", `${name}.yaml`), yaml);
  }

  out(name = "out"): string {
    return join(this.scratch, name);
  }

  folder(output: string, out = "out"): string {
    return join(this.out(out), output);
  }

  run(...args: string[]): Promise<Ended> {
    return shardmill(args, this.environment);
  }

  /** Builds a dataset from the source, with five samples to a shard. */
  buildArgs(name: string, more: readonly string[] = [], out = "out"): string[] {
    return [
      ...["build", name, "--source", this.source, "--out", this.out(out)],
      ...["--set", "samplesPerShard=5", "--set", `text.tokenizer=${this.tokenizer}`, ...more],
    ];
  }

  build(name: string, more: readonly string[] = [], out = "out"): Promise<Ended> {
    return this.run(...this.buildArgs(name, more, out));
  }

  tokenizeArgs(output: string, as: string, more: readonly string[] = [], out = "out"): string[] {
    return [
      ...["tokenize", this.folder(output, out), "--as", as],
      ...["--set", `text.tokenizer=${this.tokenizer}`, ...more],
    ];
  }

  tokenize(output: string, as: string, more: readonly string[] = [], out = "out"): Promise<Ended> {
    return this.run(...this.tokenizeArgs(output, as, more, out));
  }

  samples(output: string, out = "out") {
    return [...samplesByKey(this.folder(output, out)).values()];
  }

  close(): Promise<void> {
    return rm(this.scratch, { recursive: true, force: true });
  }
}

/** Pictures of a sample. */
export function picturesOf({ fields }: { readonly fields: ReadonlyMap<string, Buffer> }): Buffer[] {
  return [...fields].flatMap(([name, bytes]) => (name.endsWith("jpg") ? [bytes] : []));
}
