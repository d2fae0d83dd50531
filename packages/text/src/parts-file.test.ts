import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { smallTokenizer } from "../testing/small-tokenizer.ts";
import { PartsFile } from "./parts-file.ts";
import { readTokenizerFiles } from "./tokenizer-files.ts";

const files = smallTokenizer("a small text, and a small text again");
const parts = readTokenizerFiles(files);
const built = new URL("../dist/parts-file.js", import.meta.url).href;
const before = process.env.TMPDIR;
let folder = "";

/** A folder for temporary files that nobody else uses. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parts-file-test-"));
  process.env.TMPDIR = folder;
});

afterEach(async () => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  await rm(folder, { recursive: true, force: true });
});

const script = (then: string): string =>
  `import { PartsFile } from ${JSON.stringify(built)};
   const parts = JSON.parse(process.env.PARTS);
   ${then}`;
const environment = () => ({ ...process.env, TMPDIR: folder, PARTS: JSON.stringify(parts) });

describe("the file that children read their tokenizer from", () => {
  it("lies in a folder of its own, and goes with it", async () => {
    const file = await PartsFile.open(parts);
    const path = await file.path();
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(parts);
    expect(await file.path()).toBe(path);
    await file.remove();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ["the file", (path: string) => path],
    ["its folder", dirname],
  ])("is written anew, once for all who ask, where %s is gone", async (_what, gone) => {
    const file = await PartsFile.open(parts);
    await rm(gone(await file.path()), { recursive: true });
    const [first, second] = await Promise.all([file.path(), file.path()]);
    expect(second).toBe(first);
    expect(JSON.parse(await readFile(first, "utf8"))).toEqual(parts);
    expect(await readdir(folder)).toHaveLength(1);
    await file.remove();
    expect(await readdir(folder)).toEqual([]);
  });

  it("is what another attempt may write where there is no folder for temporary files", async () => {
    await rm(folder, { recursive: true });
    await expect(PartsFile.open(parts)).rejects.toMatchObject({
      code: "tokenizer_unavailable",
      retry: "later",
    });
    await mkdir(folder);
    await (await PartsFile.open(parts)).remove();
  });

  it("leaves nothing behind where it cannot be written to its end", async () => {
    const run = `await PartsFile.open(parts).catch((error) => console.log(error.code, error.cause.code));`;
    // Of a thousand bytes and no more: the disk's end, as far as a process can tell.
    const limited = [
      "-c",
      'ulimit -f 1; exec "$0" --input-type=module -e "$1"',
      process.execPath,
      script(run),
    ];
    const { stdout } = spawnSync("bash", limited, { env: environment(), encoding: "utf8" });
    expect(stdout.trim()).toBe("tokenizer_unavailable EFBIG");
    expect(await readdir(folder)).toEqual([]);
  });

  it("is swept when the next is opened after its process was killed, and not before", async () => {
    const run = `await PartsFile.open(parts); console.log("written"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script(run)], {
      env: environment(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const [theirs] = await readdir(folder);
    // Not the names of anybody's folder.
    const others = ["shardmill-text-abc", `other-shardmill-text-${child.pid}-abc`];
    for (const name of others) await mkdir(join(folder, name));
    await writeFile(join(folder, `shardmill-text-${child.pid}-file`), "");
    const kept = [...others, `shardmill-text-${child.pid}-file`];

    const beside = await PartsFile.open(parts);
    expect(await readdir(folder)).toContain(theirs);
    await beside.remove();

    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
    const next = await PartsFile.open(parts);
    await next.remove();
    expect((await readdir(folder)).sort()).toEqual(kept.sort());
  });
});
