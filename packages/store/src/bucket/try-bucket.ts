import { createHash, randomUUID } from "node:crypto";
import { Failure } from "@shardmill/core";
import { parseBucketAddress } from "./bucket-address.ts";
import { lacks } from "./bucket-failure.ts";
import type { ObjectBody, Objects, PutEnd } from "./objects.ts";
import { briefPatience, type Patience } from "./patience.ts";
import { connectObjects } from "./s3-objects.ts";

/** What a store was seen to do, whatever it says of itself. */
export interface BucketTrial {
  /** As it is told to the user: no key stands in it. */
  readonly address: string;
  /** Why nothing can be built there; null when all is well. */
  readonly lacking: Failure | null;
}

interface TrialSettings {
  readonly patience?: Patience;
  readonly isSingleWriter?: boolean;
}

const racers = 8;
const trials = ".shardmill-trial-";
const dayMs = 24 * 3600 * 1000;

/**
 * Tries in a folder of its own, which is empty afterwards, what a build relies on. `isSingleWriter`: all but that conditions
 * are kept, for which one that ignores them does where nothing else writes.
 */
export async function tryBucket(
  address: string,
  { patience = briefPatience, isSingleWriter = false }: TrialSettings = {},
): Promise<BucketTrial> {
  const parsed = parseBucketAddress(address);
  const objects = await connectObjects(parsed, patience);
  const trial = new Trial(objects, `${trials}${randomUUID()}`);
  try {
    await trial.run(isSingleWriter);
  } catch (error) {
    // What went wrong is told, and not that nothing could be cleared either.
    await trial.clear().catch(() => undefined);
    if (error instanceof Failure && error.code === "output_without_conditions")
      return { address: parsed.text, lacking: error };
    throw error;
  }
  await trial.clear();
  return { address: parsed.text, lacking: null };
}

class Trial {
  readonly #objects: Objects;
  readonly #folder: string;
  readonly #written: string[] = [];

  constructor(objects: Objects, folder: string) {
    this.#objects = objects;
    this.#folder = folder;
  }

  async run(isSingleWriter: boolean): Promise<void> {
    if (isSingleWriter) await this.#putAll();
    else {
      await this.#tryNew();
      await this.#tryRace();
      await this.#tryReplace();
    }
    await this.#tryReading();
    await this.#tryListing();
  }

  /** Its own objects, and those of trials that were killed long ago. */
  async clear(): Promise<void> {
    await this.#objects.remove(this.#written);
    const left: string[] = [];
    for await (const { objects } of this.#objects.list(trials, { byFolder: false }))
      left.push(
        ...objects.filter(({ modifiedMs }) => modifiedMs < Date.now() - dayMs).map(({ path }) => path),
      );
    await this.#objects.remove(left);
  }

  /** A store that refuses conditions altogether says so here. */
  async #putAll(): Promise<void> {
    for (const name of ["new", "race", "replaced"]) await this.#put(name, "first", { isNew: true });
  }

  async #tryNew(): Promise<void> {
    await this.#put("new", "first", { isNew: true });
    const again = await this.#put("new", "second", { isNew: true });
    if (again.kind === "done" || (await this.#read("new")) !== "first")
      throw lacks("it replaced an object that was put on condition that there is none (If-None-Match)");
  }

  async #tryRace(): Promise<void> {
    const all = Array.from({ length: racers }, (_, at) => this.#put("race", `${at}`, { isNew: true }));
    const ends = await Promise.all(all);
    const won = ends.flatMap(({ kind }, at) => (kind === "done" ? [`${at}`] : []));
    if (won.length !== 1 || (await this.#read("race")) !== won[0])
      throw lacks(`of ${racers} that put one new object at once, ${won.length} were told that they did`);
  }

  async #tryReplace(): Promise<void> {
    const first = await this.#put("replaced", "first", {});
    const etag = first.kind === "done" ? first.etag : "";
    if ((await this.#put("replaced", "second", { replaces: etag })).kind !== "done")
      throw lacks("it does not replace an object by its tag (If-Match)");
    if ((await this.#put("replaced", "third", { replaces: etag })).kind === "done")
      throw lacks("it replaced an object that was another one by then (If-Match)");
    if ((await this.#read("replaced")) !== "second") throw lacks("an object that was put is not read back");
  }

  async #tryReading(): Promise<void> {
    const facts = await this.#objects.head(this.#at("new"));
    if (facts?.writer !== writer || facts.sha256 !== bodyOf("first").sha256)
      throw lacks("it does not keep what is said of an object (metadata)");
    if ((await this.#read("new", { start: 1, end: 4 })) !== "irs")
      throw lacks("it does not read a range of an object");
  }

  async #tryListing(): Promise<void> {
    const before = await this.#listed();
    await this.#objects.remove([this.#at("race")]);
    const after = await this.#listed();
    if (before !== "new race replaced" || after !== "new replaced")
      throw lacks("it lists what is not there any more, or not what is there");
  }

  async #put(
    name: string,
    text: string,
    condition: { readonly isNew?: boolean; readonly replaces?: string },
  ): Promise<PutEnd> {
    const path = this.#at(name);
    if (!this.#written.includes(path)) this.#written.push(path);
    // Each is another writer, so that nobody is taken for the one before.
    const who = text === "first" ? writer : `${writer}-${text}`;
    return this.#objects.put(path, bodyOf(text), { ...condition, writer: who });
  }

  async #read(
    name: string,
    range: { readonly start: number; readonly end: number } | null = null,
  ): Promise<string | null> {
    const read = await this.#objects.get(this.#at(name), { range, unless: null }, null);
    if (read === null || read === "beyond" || read === "same") return null;
    let text = "";
    for await (const chunk of read.body) text += Buffer.from(chunk).toString();
    return text;
  }

  async #listed(): Promise<string> {
    const names: string[] = [];
    for await (const { objects } of this.#objects.list(`${this.#folder}/`, { byFolder: false }))
      names.push(...objects.map(({ path }) => path.slice(this.#folder.length + 1)));
    return names.join(" ");
  }

  #at(name: string): string {
    return `${this.#folder}/${name}`;
  }
}

const writer = "shardmill-trial";

function bodyOf(text: string): ObjectBody {
  const bytes = Buffer.from(text);
  return {
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    open: () => bytes,
  };
}
