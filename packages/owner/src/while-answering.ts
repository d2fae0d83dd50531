import { Failure } from "@shardmill/core";
import type { MillQueue } from "@shardmill/queue";

const lookAfterMs = 1_800;

/**
 * What a queue is asked, as long as it answers at all. Questions wait for a server that is away; whoever has somebody waiting
 * for him is told `queue_unreachable` instead.
 */
export async function whileAnswering<T>(queue: MillQueue, asked: Promise<T>): Promise<T> {
  let isDone = false;
  const work = asked.finally(() => {
    isDone = true;
  });
  // Whoever has been refused hears no more of it.
  work.catch(() => undefined);
  for (;;) {
    const late = Symbol("late");
    let timer: NodeJS.Timeout | undefined;
    const first = await Promise.race([
      work,
      new Promise<typeof late>((resolve) => {
        timer = setTimeout(() => resolve(late), lookAfterMs);
      }),
    ]).finally(() => clearTimeout(timer));
    if (first !== late) return first;
    // A ping that is sent only now would find the answer on its way.
    const pinging = queue.ping().catch((error: unknown) => error);
    const answer = await Promise.race([pinging, work.then(() => null)]);
    if (!isDone && answer instanceof Failure) throw answer;
  }
}
