import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BuildRecord,
  type ByteSource,
  defaultRecipe,
  type FileIdentity,
  systemClock,
} from "@shardmill/core";
import { openRecords, openStore, type Store } from "@shardmill/store";
import { aBuildRecord, aDataset, aListedPart } from "../../core/testing/records.ts";
import { type BuildContext, closeAnnotationIndexes } from "../src/index.ts";

/** A build of pictures that lie one by one in a folder, captioned by captions.csv. The source's files are in memory. */
export class ToyBuild {
  readonly files = new Map<string, { text: string; stamp: string }>();
  /** Called when a file is opened to be read from its front: it may change under its reader. */
  onRead: (path: string, read: number) => void = () => undefined;
  readonly #reads = new Map<string, number>();
  readonly #folder: string;
  readonly #opened: BuildContext[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<ToyBuild> {
    const toy = new ToyBuild(await mkdtemp(join(tmpdir(), "shardmill-toy-")));
    for (let at = 0; at < 4; at += 1) toy.files.set(`${at}.png`, { text: `picture ${at}`, stamp: "1" });
    toy.caption("old", "1");
    return toy;
  }

  caption(word: string, stamp: string): void {
    const rows = [0, 1, 2, 3].map((at) => `${at}.png,${word} ${at}`);
    this.files.set("captions.csv", { text: `name,caption\n${rows.join("\n")}\n`, stamp });
  }

  /** As another process has it: with what the source holds now, in a store of its own or another. Two parts of two pictures each. */
  async context(asked?: Store): Promise<BuildContext> {
    const store = asked ?? (await openStore(this.#folder));
    const build = this.#build();
    const records = openRecords(store, "toy");
    const surroundings = {
      outRoot: this.#folder,
      hubEndpoint: "",
      hubToken: null,
      gate: { enter: () => Promise.resolve() },
      clock: systemClock,
      worker: "test",
    } as never;
    const context = {
      build,
      dataset: build.dataset,
      source: this.#source(),
      store,
      records,
      surroundings,
      tokenizer: null,
    };
    this.#opened.push(context);
    return context;
  }

  async close(): Promise<void> {
    for (const context of this.#opened) await closeAnnotationIndexes(context);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #identity(path: string): FileIdentity | null {
    const file = this.files.get(path);
    return file === undefined
      ? null
      : { path, sizeBytes: file.text.length, sha256: null, oid: null, stamp: file.stamp };
  }

  #listed(path: string): FileIdentity {
    const file = this.#identity(path);
    if (file === null) throw new Error(`the toy source has no ${path}`);
    return file;
  }

  #source(): BuildContext["source"] {
    return {
      name: "folder:toy",
      revision: null,
      list: async function* (this: void) {},
      look: (path: string) => Promise.resolve(this.#identity(path)),
      open: ({ path, sizeBytes }: FileIdentity): ByteSource => ({
        name: path,
        sizeBytes,
        read: ({ start, end }) => this.#read(path, start, end),
      }),
    };
  }

  async *#read(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    if (start === 0) {
      const read = (this.#reads.get(path) ?? 0) + 1;
      this.#reads.set(path, read);
      this.onRead(path, read);
    }
    yield Buffer.from((this.files.get(path)?.text ?? "").slice(start, end));
  }

  #build(): BuildRecord {
    return aBuildRecord({
      dataset: aDataset({
        parts: [{ archive: "tar", path: "toy{part}.tar" }],
        media: "images",
        annotations: { kind: "files", files: [{ path: "captions.csv", format: "csv" }], key: "name" },
      }),
      recipe: { ...defaultRecipe, samplesPerShard: 1 },
      annotationFiles: [{ file: this.#listed("captions.csv"), subset: null, set: "records", format: "csv" }],
      parts: [0, 1].map((part) =>
        aListedPart({
          part,
          archive: "images",
          pieces: [0, 1].map((at) => this.#listed(`${2 * part + at}.png`)),
        }),
      ),
    });
  }
}
