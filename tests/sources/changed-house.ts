import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { samplesByKey } from "../support/build-status.ts";
import { type Ended, shardmill, shardmillJson } from "../support/shardmill.ts";

export interface StalePart {
  readonly label: string;
  readonly state: string;
  readonly revision: string | null;
  readonly shards: { readonly done: number; readonly total: number | null };
  readonly error: { readonly code: string; readonly detail: string } | null;
}

const entries: Readonly<Record<string, string>> = {
  zips: `parts: [{ archive: zip, path: "part_{part}.zip" }]`,
  tars: `parts: [{ archive: tar, path: "part_{part}.tar" }]`,
  targzs: `parts: [{ archive: tar.gz, path: "part_{part}.tar.gz" }]`,
  loose: `parts: [{ archive: images, path: "pictures/**" }]`,
  subsets: `parts: [{ archive: zip, path: "{subset}/part_{part}.zip" }]`,
};

/** Small pictures and their captions in archives of every kind, through the real command line. */
export class ChangedHouse {
  readonly scratch: string;
  #outs = 0;

  private constructor(scratch: string) {
    this.scratch = scratch;
  }

  static async open(): Promise<ChangedHouse> {
    const house = new ChangedHouse(await mkdtemp(join(tmpdir(), "shardmill-changed-")));
    const catalogue = join(house.scratch, "config/shardmill/datasets");
    await mkdir(catalogue, { recursive: true });
    for (const [name, parts] of Object.entries(entries)) {
      const captions = name === "subsets" ? '"{subset}.json", format: json' : "captions.csv, format: csv";
      const source = '{ kind: hub, repo: "me/pictures" }';
      await writeFile(
        join(catalogue, `${name}.yaml`),
        `name: ${name}
title: Pictures
keyPrefix: ${name}
sourceName: ${name}
license: CC-BY-4.0
source: ${source}
${parts}
media: images
annotations:
  kind: files
  files: [{ path: ${captions} }]
  key: name
  match: [basename]
text: { adapter: caption, caption: caption }
recipe: { samplesPerShard: 2 }
`,
      );
    }
    return house;
  }

  close(): Promise<void> {
    return rm(this.scratch, { recursive: true, force: true });
  }

  newOut(): string {
    this.#outs += 1;
    return join(this.scratch, `out-${this.#outs}`);
  }

  run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return shardmill(args, { XDG_CONFIG_HOME: join(this.scratch, "config"), ...environment });
  }

  json<T>(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<T> {
    return shardmillJson<T>(args, { XDG_CONFIG_HOME: join(this.scratch, "config"), ...environment });
  }

  /** Parts that the source has, by label. */
  async parts(name: string, out: string): Promise<Record<string, StalePart>> {
    const { parts } = await this.json<{ parts: StalePart[] }>(["status", name, "--out", out]);
    return Object.fromEntries(parts.map((part) => [part.label, part]));
  }

  /** Captions of all samples, by the name of their member. */
  captions(name: string, out: string): Record<string, unknown> {
    const samples = [...samplesByKey(join(out, name)).values()];
    return Object.fromEntries(samples.map(({ json }) => [String(json.member), json.caption]));
  }
}

export async function put(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A picture of one colour as raw PNG without compression: all of one size, whatever the colour. */
export function picture(seed: number): Promise<Buffer> {
  const background = { r: (seed * 53) % 256, g: (seed * 101) % 256, b: (seed * 29) % 256 };
  return sharp({ create: { width: 24, height: 24, channels: 3, background } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

export function captionsCsv(captions: Readonly<Record<string, string>>): string {
  const rows = Object.entries(captions).map(([name, caption]) => `${name},"${caption}"`);
  return `name,caption\n${rows.join("\n")}\n`;
}
