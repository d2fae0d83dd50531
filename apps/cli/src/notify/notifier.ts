import { createHmac } from "node:crypto";
import { systemClock } from "@shardmill/core";
import type { News } from "@shardmill/owner";
import { postJson } from "@shardmill/sources";
import type { NotifySettings } from "./notify-settings.ts";
import { runCommand } from "./run-command.ts";

interface NotifierDeps {
  readonly environment: NodeJS.ProcessEnv;
  /** Says what could not be told. */
  readonly note: (line: string) => void;
  readonly waits?: Partial<typeof defaultWaits>;
}

const defaultWaits = {
  commandMs: 60_000,
  postMs: 10_000,
  /** Before the second attempt and each further one. */
  againMs: [1_000, 5_000, 15_000] as readonly number[],
  closeMs: 60_000,
};

/** What waits to be told; of more, the oldest are let go. */
const mostWaiting = 100;
/** What a command of the user's has no business with. */
const secrets = ["SHARDMILL_WEBHOOK_SECRET", "SHARDMILL_TOKEN", "HF_TOKEN"];

/** Tells the user's command and webhook what happens to builds, one thing after the other; nothing waits for it but the end of the process. */
export class Notifier {
  readonly #settings: NotifySettings;
  readonly #deps: NotifierDeps;
  readonly #waits: typeof defaultWaits;
  readonly #waiting: News[] = [];
  readonly #stop = new AbortController();
  #working: Promise<void> | null = null;

  constructor(settings: NotifySettings, deps: NotifierDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#waits = { ...defaultWaits, ...deps.waits };
  }

  tell(news: News): void {
    this.#waiting.push(news);
    if (this.#waiting.length > mostWaiting) {
      this.#waiting.shift();
      this.#deps.note("more happens than can be told: the oldest news are let go");
    }
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  /** What waits is told, within a minute, or until somebody who stops the process has no time for it. */
  async close(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#stop.abort(new Error("no time to tell more"));
    const timer = setTimeout(stop, this.#waits.closeMs);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    await this.#working;
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }

  async #work(): Promise<void> {
    for (let news = this.#waiting.shift(); news !== undefined; news = this.#waiting.shift()) {
      const found = await Promise.all([this.#runCommand(news), this.#post(news)]);
      for (const why of found) if (why !== null) this.#deps.note(`${news.kind} could not be told: ${why}`);
      if (this.#stop.signal.aborted) this.#waiting.length = 0;
    }
  }

  async #runCommand(news: News): Promise<string | null> {
    const { command } = this.#settings;
    if (command === null) return null;
    const { environment } = this.#deps;
    const kept = Object.entries(environment).filter(([name]) => !secrets.includes(name));
    const told = {
      SHARDMILL_EVENT: news.kind,
      SHARDMILL_DATASET: news.dataset,
      SHARDMILL_BUILD: news.build,
      SHARDMILL_PART: news.kind === "part_failed" ? news.part : "",
      SHARDMILL_OUTCOME: news.kind === "build_ended" ? news.outcome : "",
    };
    const why = await runCommand(
      {
        command,
        environment: { ...Object.fromEntries(kept), ...told },
        input: `${JSON.stringify(news)}\n`,
        withinMs: this.#waits.commandMs,
      },
      this.#stop.signal,
    );
    return why === null ? null : `the command of --on-end: ${why}`;
  }

  async #post(news: News): Promise<string | null> {
    const { webhook, hosts } = this.#settings;
    if (webhook === null) return null;
    const body = JSON.stringify(news);
    for (let attempt = 0; ; attempt += 1) {
      if (this.#stop.signal.aborted) return "the webhook: stopped";
      const headers = {
        "x-shardmill-signature": signatureOf(webhook.secret, body, Math.floor(Date.now() / 1000)),
      };
      const how = { timeoutMs: this.#waits.postMs, hosts, headers };
      const posted = await postJson(webhook.url, body, how, this.#stop.signal).catch((error: unknown) => {
        if (!this.#stop.signal.aborted) throw error;
        return { kind: "refused" as const, why: "stopped", isTransient: false };
      });
      if (posted.kind === "taken") return null;
      const waitMs = this.#waits.againMs[attempt];
      if (!posted.isTransient || waitMs === undefined)
        return `the webhook at ${webhook.url.hostname}: ${posted.why}, ${attempt + 1} times`;
      await systemClock.sleep(waitMs, this.#stop.signal).catch(() => undefined);
    }
  }
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.BODY`, so that an old message cannot be sent again as a new one. */
function signatureOf(secret: string, body: string, seconds: number): string {
  const hex = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return `t=${seconds},v1=${hex}`;
}
