import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { UserConfig } from "@shardmill/catalogue";
import { Failure } from "@shardmill/core";
import { z } from "zod";

/** Everything that the environment says, read once in main. */
export interface Settings {
  readonly redisUrl: string | null;
  /** Waits of the queue, as far as the environment names them. */
  readonly queue: {
    readonly lockDurationMs?: number;
    readonly stalledIntervalMs?: number;
    readonly maxStalledCount?: number;
    readonly fullDiskWaitMs?: number;
  };
  /** Patience with the source, as far as the environment names it; a busy mirror may need more than the Hub. */
  readonly source: { readonly idleTimeoutMs?: number; readonly firstBackoffMs?: number };
  /** Links of a URL list may lead into this machine's own networks; for mirrors inside them, and for tests. */
  readonly allowPrivateUrls: boolean;
  readonly hubEndpoint: string;
  readonly hubToken: string | null;
  readonly apiToken: string | null;
  readonly webhookSecret: string | null;
  readonly isColourful: boolean;
  /** Whether lines can be drawn over. */
  readonly isLive: boolean;
  readonly catalogueFolders: readonly string[];
  /** Each with `recipes` and `tokenizers`. */
  readonly presetFolders: readonly string[];
  readonly userCatalogue: string;
  readonly configFile: string;
  /** Folders of this machine that stand for prefixes of media names; from the config file. */
  readonly roots: Readonly<Record<string, string>>;
  /** What the user knows of the terms of datasets; likewise. */
  readonly terms: UserConfig["terms"];
  /** Whom to tell how builds go; likewise. */
  readonly notify: UserConfig["notify"];
}

/** What the environment alone says. */
export type EnvironmentSettings = Omit<Settings, keyof UserConfig>;

const count = z.coerce.number("expected a whole number").int("expected a whole number").positive();

const environmentSchema = z.object({
  REDIS_URL: z.url({ protocol: /^rediss?$/, hostname: /./, error: "expected redis://host:port" }).optional(),
  SHARDMILL_LOCK_MS: count.min(500, "expected at least 500 milliseconds").optional(),
  SHARDMILL_STALLED_MS: count.min(100, "expected at least 100 milliseconds").optional(),
  SHARDMILL_STALLED_COUNT: count.optional(),
  SHARDMILL_FULL_DISK_MS: count.optional(),
  SHARDMILL_IDLE_TIMEOUT_MS: count.min(100, "expected at least 100 milliseconds").optional(),
  SHARDMILL_FIRST_BACKOFF_MS: count.optional(),
  SHARDMILL_ALLOW_PRIVATE_URLS: z.enum(["0", "1"], "expected 0 or 1").optional(),
  HF_ENDPOINT: z.url({ protocol: /^https?$/, error: "expected an http(s) address" }).optional(),
  HF_TOKEN: z.string().min(1).optional(),
  SHARDMILL_TOKEN: z.string().min(16, "expected at least 16 characters").optional(),
  SHARDMILL_WEBHOOK_SECRET: z.string().min(16, "expected at least 16 characters").optional(),
  NO_COLOR: z.string().optional(),
  TERM: z.string().optional(),
  CI: z.string().optional(),
  XDG_CONFIG_HOME: z.string().optional(),
});

export function readSettings(environment: NodeJS.ProcessEnv, isTerminal: boolean): EnvironmentSettings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(set);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Failure("wrong_use", problems.join("; "));
  }
  const { REDIS_URL, HF_ENDPOINT, HF_TOKEN, SHARDMILL_TOKEN, NO_COLOR, XDG_CONFIG_HOME } = parsed.data;
  const obeys = isTerminal && obeysSequences(parsed.data.TERM);
  const userConfig = join(XDG_CONFIG_HOME ?? join(homedir(), ".config"), "shardmill");
  return Object.freeze({
    redisUrl: REDIS_URL ?? null,
    queue: queueSettingsOf(parsed.data),
    source: sourceSettingsOf(parsed.data),
    allowPrivateUrls: parsed.data.SHARDMILL_ALLOW_PRIVATE_URLS === "1",
    hubEndpoint: (HF_ENDPOINT ?? "https://huggingface.co").replace(/\/+$/, ""),
    hubToken: HF_TOKEN ?? null,
    apiToken: SHARDMILL_TOKEN ?? null,
    webhookSecret: parsed.data.SHARDMILL_WEBHOOK_SECRET ?? null,
    isColourful: obeys && NO_COLOR === undefined,
    isLive: obeys && (parsed.data.CI === undefined || parsed.data.CI === "false"),
    catalogueFolders: [fileURLToPath(new URL("../../../../config/datasets", import.meta.url))],
    presetFolders: [fileURLToPath(new URL("../../../../config", import.meta.url)), userConfig],
    userCatalogue: join(userConfig, "datasets"),
    configFile: join(userConfig, "config.yaml"),
  });
}

/** A dumb terminal, and one that does not say what it is, prints escape sequences as they stand. Windows names none. */
function obeysSequences(term: string | undefined): boolean {
  return term === undefined ? process.platform === "win32" : term !== "dumb";
}

function queueSettingsOf(set: z.output<typeof environmentSchema>): Settings["queue"] {
  const { SHARDMILL_LOCK_MS, SHARDMILL_STALLED_MS, SHARDMILL_STALLED_COUNT, SHARDMILL_FULL_DISK_MS } = set;
  return {
    ...(SHARDMILL_LOCK_MS !== undefined && { lockDurationMs: SHARDMILL_LOCK_MS }),
    ...(SHARDMILL_STALLED_MS !== undefined && { stalledIntervalMs: SHARDMILL_STALLED_MS }),
    ...(SHARDMILL_STALLED_COUNT !== undefined && { maxStalledCount: SHARDMILL_STALLED_COUNT }),
    ...(SHARDMILL_FULL_DISK_MS !== undefined && { fullDiskWaitMs: SHARDMILL_FULL_DISK_MS }),
  };
}

function sourceSettingsOf(set: z.output<typeof environmentSchema>): Settings["source"] {
  const { SHARDMILL_IDLE_TIMEOUT_MS, SHARDMILL_FIRST_BACKOFF_MS } = set;
  return {
    ...(SHARDMILL_IDLE_TIMEOUT_MS !== undefined && { idleTimeoutMs: SHARDMILL_IDLE_TIMEOUT_MS }),
    ...(SHARDMILL_FIRST_BACKOFF_MS !== undefined && { firstBackoffMs: SHARDMILL_FIRST_BACKOFF_MS }),
  };
}
