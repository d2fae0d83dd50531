import { readFile } from "node:fs/promises";
import { Failure } from "@shardmill/core";
import { hostNamed } from "@shardmill/sources";
import type { NotifyOptions } from "../commands/shared-options.ts";
import type { Settings } from "../context/settings.ts";

/** Whom to tell, and how. */
export interface NotifySettings {
  readonly command: string | null;
  readonly webhook: { readonly url: URL; readonly secret: string } | null;
  readonly hosts: readonly string[];
}

const leastSecret = 16;

/** What the command line says, and the config file where it says nothing; null: nobody is to be told. */
export async function notifySettings(
  { notify, webhookSecret }: Pick<Settings, "notify" | "webhookSecret">,
  options: NotifyOptions,
): Promise<NotifySettings | null> {
  const command = options.onEnd ?? notify.onEnd ?? null;
  const address = options.webhook ?? notify.webhook ?? null;
  if (command === null && address === null) return null;
  const hosts = [...notify.hosts, ...(options.webhookHost ?? [])];
  if (address === null) return { command, webhook: null, hosts };
  const url = checkedAddress(address, hosts);
  const secret =
    webhookSecret ?? (notify.secretFile === undefined ? null : await readSecret(notify.secretFile));
  if (secret === null || secret.length < leastSecret)
    throw new Failure(
      "wrong_use",
      `a webhook is signed: set SHARDMILL_WEBHOOK_SECRET, or notify.secretFile in config.yaml, to at least ${leastSecret} characters`,
    );
  return { command, webhook: { url, secret }, hosts };
}

/** Undefined: as long as is usual. */
export function standstillMs({ notify }: Pick<Settings, "notify">): number | undefined {
  return notify.standstillMinutes === undefined ? undefined : notify.standstillMinutes * 60_000;
}

/** Nothing of the address but its host is ever told: the rest may be a secret. */
function checkedAddress(address: string, hosts: readonly string[]): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new Failure("wrong_use", "--webhook: expected an http(s) address without a user name");
  const host = hostNamed(url);
  if (!hosts.includes(host))
    throw new Failure(
      "wrong_use",
      `--webhook: ${host} is not listed; add --webhook-host ${host}, or notify.hosts in config.yaml`,
    );
  return url;
}

async function readSecret(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new Failure("wrong_use", `notify.secretFile ${path} cannot be read (${code})`, { cause: error });
  }
}
