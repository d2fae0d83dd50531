import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { News } from "@shardmill/owner";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { Notifier } from "./notifier.ts";
import { notifySettings } from "./notify-settings.ts";

let server: Server;
let folder: string;
let url: URL;
let heard: { body: string; signature: string }[];
let answers: number[];
const secret = "a secret of many letters";
const { signal } = new AbortController();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notifier-"));
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      heard.push({ body, signature: String(request.headers["x-shardmill-signature"]) });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=hidden`);
});
beforeEach(() => {
  heard = [];
  answers = [];
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const failed = (part: string): News => ({
  ...{ at: "2026-01-01T00:00:00.000Z", dataset: "$(touch x)", build: "b", kind: "part_failed" },
  ...{ part, code: "archive_malformed", detail: "no zip" },
});
const waits = { againMs: [1, 1, 1] };

async function tellAll(
  settings: ConstructorParameters<typeof Notifier>[0],
  news: readonly News[],
  more: { commandMs?: number } = {},
): Promise<string[]> {
  const notes: string[] = [];
  const environment = { ...process.env, SHARDMILL_TOKEN: "token", HF_TOKEN: "token" };
  const note = (line: string): void => void notes.push(line);
  const notifier = new Notifier(settings, { environment, note, waits: { ...waits, ...more } });
  for (const one of news) notifier.tell(one);
  await notifier.close(signal);
  return notes;
}

it("signs what it tells the webhook, in order, and tries again what may pass", async () => {
  answers = [503, 200, 200];
  const notes = await tellAll({ command: null, webhook: { url, secret }, hosts: ["127.0.0.1"] }, [
    failed("p0001"),
    failed("p0002"),
  ]);
  expect(notes).toEqual([]);
  expect(heard.map(({ body }) => (JSON.parse(body) as { part: string }).part)).toEqual([
    "p0001",
    "p0001",
    "p0002",
  ]);
  for (const { body, signature } of heard) {
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
    expect(createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")).toBe(hex);
  }
});

it("gives up after four attempts, or at once where nothing will pass, and says so without a secret", async () => {
  answers = [500, 500, 500, 500, 404];
  const notes = await tellAll({ command: null, webhook: { url, secret }, hosts: ["127.0.0.1"] }, [
    failed("p0001"),
    failed("p0002"),
  ]);
  expect(notes).toEqual([
    "part_failed could not be told: the webhook at 127.0.0.1: answered 500, 4 times",
    "part_failed could not be told: the webhook at 127.0.0.1: answered 404, 1 times",
  ]);
});

it("gives a command the news on its input and in its environment, without our secrets, and never as words of the shell", async () => {
  const file = join(folder, "told");
  const command = `cat > ${file}; echo "$SHARDMILL_EVENT $SHARDMILL_PART $SHARDMILL_DATASET [$SHARDMILL_TOKEN$HF_TOKEN]" >> ${file}`;
  expect(await tellAll({ command, webhook: null, hosts: [] }, [failed("p0001")])).toEqual([]);
  const [news, words] = (await readFile(file, "utf8")).split("\n");
  expect(JSON.parse(news ?? "")).toEqual(failed("p0001"));
  expect(words).toBe("part_failed p0001 $(touch x) []");
});

it("a command that fails is told of, and one that hangs is ended with what it started", async () => {
  const pid = join(folder, "pid");
  const hanging = `sleep 300 & echo $! > ${pid}; wait`;
  expect(await tellAll({ command: "exit 3", webhook: null, hosts: [] }, [failed("p0001")])).toEqual([
    "part_failed could not be told: the command of --on-end: exit 3",
  ]);
  expect(
    await tellAll({ command: hanging, webhook: null, hosts: [] }, [failed("p0001")], { commandMs: 500 }),
  ).toEqual(["part_failed could not be told: the command of --on-end: not done within 0.5 s"]);
  const started = Number(await readFile(pid, "utf8"));
  // Killed; whoever takes over children may not have looked yet.
  const state = async (): Promise<string> =>
    /\) (\w)/.exec(await readFile(`/proc/${started}/stat`, "utf8").catch(() => ""))?.[1] ?? "gone";
  await expect.poll(state).toMatch(/gone|Z|X/);
});

it("asks for a listed host and a secret, and takes them from flags, environment and config", async () => {
  const none = { notify: { hosts: [] }, webhookSecret: null };
  const flags = (webhook: string, ...webhookHost: string[]) => ({ webhook, webhookHost });
  expect(await notifySettings(none, { webhookHost: [] })).toBeNull();
  await expect(notifySettings(none, flags("https://hooks.example/T0/key"))).rejects.toThrow(
    /^--webhook: hooks\.example is not listed; add --webhook-host hooks\.example/,
  );
  await expect(notifySettings(none, flags("https://hooks.example/", "hooks.example"))).rejects.toThrow(
    "SHARDMILL_WEBHOOK_SECRET",
  );
  await expect(notifySettings(none, flags("https://me:pw@hooks.example/", "hooks.example"))).rejects.toThrow(
    "without a user name",
  );
  const secretFile = join(folder, "secret");
  await writeFile(secretFile, `${secret}\n`);
  const config = { hosts: ["hooks.example"], webhook: "https://hooks.example/", secretFile, onEnd: "true" };
  expect(await notifySettings({ notify: config, webhookSecret: null }, { webhookHost: [] })).toEqual({
    command: "true",
    webhook: { url: new URL("https://hooks.example/"), secret },
    hosts: ["hooks.example"],
  });
});
