/**
 * `dali/<shard>.idx`, as NVIDIA DALI's `readers.webdataset` takes it for `index_paths`: the version and how many samples there are,
 * then a line for each sample with four words for each of its members: extension, where its data begin, their size, its name.
 */
export class DaliIndex {
  readonly #lines: string[] = [];

  /** A sample's members, in the order in which they lie in the tar. */
  add(
    key: string,
    members: readonly { readonly suffix: string; readonly dataOffset: number; readonly sizeBytes: number }[],
  ): void {
    const words = members.map(
      ({ suffix, dataOffset, sizeBytes }) => `${suffix} ${dataOffset} ${sizeBytes} ${key}.${suffix}`,
    );
    this.#lines.push(words.join(" "));
  }

  text(): string {
    return `v1.2 ${this.#lines.length}\n${this.#lines.map((line) => `${line}\n`).join("")}`;
  }
}

/** An index without some of its samples: by it they are read no more, though the tar holds them. */
export function withoutSamples(index: string, keys: ReadonlySet<string>): string {
  const lines = index.split("\n").slice(1, -1);
  const kept = lines.filter((line) => !keys.has(keyOfLine(line)));
  return `v1.2 ${kept.length}\n${kept.map((line) => `${line}\n`).join("")}`;
}

/** Of `jpg 512 4 a0.jpg json 1536 7 a0.json`: what its names begin with; a key has no dot. */
function keyOfLine(line: string): string {
  return line.split(" ", 4)[3]?.split(".", 1)[0] ?? "";
}
