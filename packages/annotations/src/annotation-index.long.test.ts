import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

let dir = "";

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "shardmill-annotations-long-"));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const rows = 1_020_000;

/** As large as OpenVid-1M.csv: 857 MB. */
async function writeTable(path: string): Promise<void> {
  const words = 'the quick brown fox, jumps over ""lazy"" dogs while a camera pans slowly'.split(" ");
  const captions = Array.from({ length: 997 }, (_, n) =>
    Array.from({ length: 150 }, (_, k) => words[(n * 7 + k * k * 3 + k) % words.length]).join(" "),
  );
  const out = createWriteStream(path);
  out.write(
    "video,caption,aesthetic score,motion score,temporal consistency score,camera motion,frame,fps,seconds\n",
  );
  for (let row = 0; row < rows; row++) {
    const caption = `${captions[row % captions.length]}${row % 1000 === 0 ? "\nsecond line" : ""}`;
    const line = `--v_${row}_0to241.mp4,"${caption}",5.${row % 97},${row % 13 === 0 ? "" : "0.5"},0.99,static,241,30.0,8.03\n`;
    if (!out.write(line)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}

/** A process of its own, so that the memory measured is that of the index and of nothing else. */
const script = `
import { open, stat } from "node:fs/promises";
import { buildAnnotationIndex } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
import { datasetSchema } from "@shardmill/core";
const [path, dir] = process.argv.slice(-2);
const dataset = datasetSchema.parse({
  name: "big", title: "Big", keyPrefix: "big", sourceName: "big", license: "MIT", source: { kind: "folder" },
  parts: [{ archive: "zip", path: "part{part}.zip" }], media: "video", text: { adapter: "caption" },
  annotations: { kind: "files", files: [{ path: "big.csv", format: "csv" }], key: "video", required: ["caption"] },
});
const sizeBytes = (await stat(path)).size;
const source = { sizeBytes, name: "big.csv", async *read({ start, end }) {
  const file = await open(path);
  try {
    for (let at = start; at < end; at += 262144) {
      const bytes = Buffer.allocUnsafe(Math.min(262144, end - at));
      await file.read(bytes, 0, bytes.length, at);
      yield bytes;
    }
  } finally { await file.close(); }
} };
const found = { file: { path: "big.csv", sizeBytes, sha256: "a".repeat(64), oid: null }, subset: null, set: "captions", format: "csv" };
const signal = new AbortController().signal;
const index = await buildAnnotationIndex({ dataset, files: [{ found, source, content: "sha256:" + found.file.sha256 }], dir }, signal);
const queries = Array.from({ length: 5500 }, (_, n) => ({ subset: null, name: "folder/--v_" + n * 185 + "_0to241.mp4" }));
const started = Date.now();
const answers = await index.lookup(queries, signal);
const lookupMs = Date.now() - started;
console.log(JSON.stringify({ count: index.count, matched: answers.filter((a) => a.length === 1).length, lookupMs,
  maxRssMb: process.resourceUsage().maxRSS / 1024, sizeBytes }));
index.close();
`;

it("indexes 1.02 million captions (850 MB) in under 800 MB of memory and answers a part in seconds", async () => {
  const path = join(dir, "big.csv");
  await writeTable(path);
  // Beside this file, so that the packages it names are found.
  const child: ChildProcess = spawn(
    process.execPath,
    ["--input-type=module", "-e", script, "--", path, dir],
    {
      cwd: new URL("..", import.meta.url),
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = await once(child, "close");
  expect(code).toBe(0);
  const result: unknown = JSON.parse(output);
  console.log(output);
  expect(result).toMatchObject({ count: rows, matched: 5500 });
  const { maxRssMb, sizeBytes } = result as { maxRssMb: number; sizeBytes: number };
  expect(sizeBytes).toBeGreaterThan(800_000_000);
  expect(maxRssMb).toBeLessThan(800);
});
