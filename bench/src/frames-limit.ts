import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LimitRequest } from "./limit-child.ts";
import { type Cost, measure } from "./measure.ts";
import type { LimitPlan } from "./plan-limit.ts";

export interface LimitRun {
  readonly cost: Cost;
  /** Of each clip's frames. */
  readonly digests: readonly string[];
}

/** What planning asks for of each clip, found out in a process of its own. */
export async function planLimit(clips: readonly string[]): Promise<LimitPlan[]> {
  const child = await start();
  try {
    const plans = await ask<LimitPlan[]>(child, { plan: [...new Set(clips)] });
    return clips.flatMap((path) => plans.find((plan) => plan.path === path) ?? []);
  } finally {
    child.kill();
  }
}

/** The clips shared out among as many processes as there are workers, each with its libraries loaded before the clock starts. */
export async function runLimit(clips: readonly LimitPlan[], workers: number): Promise<LimitRun> {
  const children = await Promise.all(Array.from({ length: workers }, start));
  try {
    const digests: string[] = [];
    // As all others are: this process looks at the children's memory meanwhile.
    const cost = await measure(clips.length, async () => {
      const shares = children.map(async (child, at) => {
        const mine = clips.flatMap((plan, index) => (index % workers === at ? [{ plan, index }] : []));
        const done = await ask<string[]>(child, { decode: mine.map(({ plan }) => plan) });
        for (const [turn, { index }] of mine.entries()) digests[index] = done[turn] ?? "";
      });
      await Promise.all(shares);
    });
    return { cost, digests };
  } finally {
    for (const child of children) child.kill();
  }
}

async function start(): Promise<ChildProcess> {
  const program = fileURLToPath(new URL("./limit-child.js", import.meta.url));
  const child = fork(program, { env: { MALLOC_ARENA_MAX: "2" } });
  await once(child, "message");
  return child;
}

function ask<Answer>(child: ChildProcess, request: LimitRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.once("message", (answer) => resolve(answer as Answer));
    child.once("exit", (code) => reject(new Error(`the limit's process ended with ${code}`)));
    child.send(request);
  });
}
