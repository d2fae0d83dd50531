import { conversationsOf } from "./conversations.ts";
import { descendantRssKib, ownedWorker } from "./process-tree.ts";
import { TextMill } from "./text-mill.ts";
import type { TokensOptions } from "./tokens-options.ts";

/** Conversations that are not the same; a build of more rows has them again. */
const distinct = 20_000;
const processes = { worker: ownedWorker, child: /text-child/ };

/** MiB of resident memory of the worker's process and of its largest tokenizing child. */
type Memory = Readonly<Record<keyof typeof processes, number>>;

/** What builds of so many rows hold at most, and at most in their last quarter: memory that grows with the rows would show there. */
export async function watchRows({ json, tokenizer, texts, rows, rounds }: TokensOptions): Promise<void> {
  const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const most = Math.max(...rows);
  const mill = await TextMill.open(await conversationsOf(texts, Math.min(most, distinct)), {
    rows: most,
    tokenizer,
  });
  const found: { rows: number; peak: Memory; late: Memory; early: Memory }[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1)
      for (const count of rows) {
        const looks = await looksWhile(() => mill.build("tokens", count));
        const quarter = Math.ceil(looks.length / 4);
        const of = {
          rows: count,
          peak: mostOf(looks),
          early: mostOf(looks.slice(quarter, 2 * quarter)),
          late: mostOf(looks.slice(-quarter)),
        };
        found.push(of);
        say(
          `${count} rows: worker at most ${told(of.peak.worker)}, in the second quarter ${told(of.early.worker)}, in the last ${told(of.late.worker)}; a child at most ${told(of.peak.child)}, in the last quarter ${told(of.late.child)}`,
        );
      }
  } finally {
    await mill.close();
  }
  if (json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
}

/** While there is a worker. */
async function looksWhile(work: () => Promise<unknown>): Promise<Memory[]> {
  const looks: Memory[] = [];
  const timer = setInterval(() => {
    const worker = descendantRssKib(processes.worker) / 1024;
    if (worker > 0) looks.push({ worker, child: descendantRssKib(processes.child) / 1024 });
  }, 250);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  if (looks.length === 0) throw new Error("no worker was seen: its memory cannot be told");
  return looks;
}

function mostOf(looks: readonly Memory[]): Memory {
  const of = (name: keyof Memory): number => Math.max(0, ...looks.map((look) => look[name]));
  return { worker: of("worker"), child: of("child") };
}

function told(mib: number): string {
  return `${Math.round(mib)} MiB`;
}
