import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type PartOfStatus, partsByLabel } from "../support/build-status.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { leftovers } from "../support/read-shards.ts";
import { type Ended, shardmill, shardmillJson } from "../support/shardmill.ts";
import { type Canaries, hangCanaries } from "./canaries.ts";

/** `packed`, or the code of a member that was left out. */
export type Fates = Readonly<Record<string, string>>;

interface LedgerLine {
  readonly position: number;
  readonly member: string;
  readonly code: string | null;
}

/** A dataset of one's own in a folder of its own, built by the real command line, with canaries hung around it. */
export class HostileHouse {
  readonly canaries: Canaries;
  readonly #scratch: string;
  #ended: Ended | null = null;

  private constructor(scratch: string, canaries: Canaries) {
    this.#scratch = scratch;
    this.canaries = canaries;
  }

  static async open(): Promise<HostileHouse> {
    const scratch = await mkdtemp(join(tmpdir(), "shardmill-hostile-"));
    const house = new HostileHouse(scratch, await hangCanaries(scratch));
    await mkdir(join(scratch, "house"));
    return house;
  }

  async close(): Promise<void> {
    await this.canaries.close();
    await rm(this.#scratch, { recursive: true, force: true });
  }

  get ended(): Ended {
    if (this.#ended === null) throw new Error("nothing has been built");
    return this.#ended;
  }

  get out(): string {
    return join(this.#scratch, "house", "out");
  }

  folder(dataset: string): string {
    return join(this.out, dataset);
  }

  /** `entry` is the dataset's YAML without the lines that are the same for all. */
  async build(
    dataset: string,
    entry: string,
    files: ReadonlyMap<string, Buffer>,
    args: readonly string[] = [],
  ): Promise<void> {
    const source = await writeFiles(join(this.#scratch, "house", "source", dataset), files);
    const catalogue = join(this.#scratch, "house", "config/shardmill/datasets");
    await mkdir(catalogue, { recursive: true });
    const head = `name: ${dataset}\ntitle: Hostile\nkeyPrefix: hostile\nsourceName: hostile\nlicense: CC-BY-4.0\n`;
    await writeFile(join(catalogue, `${dataset}.yaml`), `${head}source: { kind: folder }\n${entry}`);
    this.#ended = await shardmill(
      ["build", dataset, "--source", source, "--out", this.out, "--workers", "2", ...args],
      { XDG_CONFIG_HOME: join(this.#scratch, "house", "config") },
    );
  }

  /** The ledger lines of a part, in archive order: those of the plan and of each shard. */
  lines(dataset: string, part: string): LedgerLine[] {
    const folder = join(this.folder(dataset), ".shardmill/ledger");
    const names = readdirSync(folder).filter((name) => name.startsWith(`${dataset}-${part}-`));
    return names
      .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as LedgerLine)
      .sort((a, b) => a.position - b.position);
  }

  /** What became of every member of a part, by name. */
  fates(dataset: string, part: string): Fates {
    return Object.fromEntries(
      this.lines(dataset, part).map(({ member, code }) => [member, code ?? "packed"]),
    );
  }

  /** How each part ended: its state, or the code it failed with. */
  async endings(dataset: string): Promise<Record<string, string>> {
    const parts = Object.values<PartOfStatus>(await partsByLabel(dataset, this.out));
    return Object.fromEntries(parts.map(({ label, state, error }) => [label, error?.code ?? state]));
  }

  /** Books that balance, nothing half done, nothing written outside the output, nothing opened that is none of its business. */
  async expectSound(...datasets: readonly string[]): Promise<void> {
    for (const dataset of datasets) {
      const folder = this.folder(dataset);
      expect(await shardmillJson(["verify", folder, "--deep"])).toMatchObject({ ok: true, problems: [] });
      expect(leftovers(folder)).toEqual([]);
      for (const part of Object.values(await partsByLabel(dataset, this.out)))
        if (part.members !== null && part.state === "done")
          expect(part.members, part.label).toBe(part.packed + part.failed + part.skipped);
    }
    expect(readdirSync(this.#scratch).sort()).toEqual(["canary.mp4", "house"]);
    expect(readdirSync(join(this.#scratch, "house")).sort()).toEqual(["config", "out", "source"]);
    expect(readdirSync(this.out).sort()).toEqual([...datasets].sort());
    expect(this.canaries.touched()).toEqual([]);
  }
}
