/** A task that threw: a bug, told as plain data. */
export interface Threw {
  readonly kind: "threw";
  readonly message: string;
  readonly stack: string | undefined;
}

/**
 * What a child says: once that it is up, then one list of answers for each batch of tasks, in its order. Or once that no child can
 * work with what it was begun with, and why.
 */
export type ChildWord<Answer> =
  | { readonly kind: "up" }
  | { readonly kind: "unusable"; readonly why: string }
  | { readonly kind: "answers"; readonly answers: readonly (Answer | Threw)[] };

/** The main loop of a child that does tasks: one batch after the other, each task in its turn. It ends with its parent. */
export function serveTasks<Task, Answer>(work: (task: Task) => Promise<Answer>): void {
  // Ctrl-C reaches the whole group: whoever began this child decides when it ends.
  process.on("SIGINT", () => undefined);
  process.on("message", (batch: readonly Task[]) => void answerBatch(batch, work));
  process.on("disconnect", () => process.exit());
  say({ kind: "up" });
}

async function answerBatch<Task, Answer>(
  batch: readonly Task[],
  work: (task: Task) => Promise<Answer>,
): Promise<void> {
  const answers: (Answer | Threw)[] = [];
  for (const task of batch) answers.push(await answered(task, work));
  say({ kind: "answers", answers });
}

async function answered<Task, Answer>(
  task: Task,
  work: (task: Task) => Promise<Answer>,
): Promise<Answer | Threw> {
  try {
    return await work(task);
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: "threw", message, stack };
  }
}

/** Instead of serving. It is up to whoever began this child to end it. */
export function sayUnusable(why: string): void {
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit());
  say({ kind: "unusable", why });
}

function say<Answer>(word: ChildWord<Answer>): void {
  process.send?.(word);
}
