import { isCancellation } from "@shardmill/core";
import type { Builds } from "../contract/index.ts";
import { problemOf } from "../secure/answer-problem.ts";
import type { Service } from "../service.ts";
import type { BuildNow } from "./build-now.ts";

interface OfEach<T> {
  readonly answers: readonly T[];
  readonly unreadable: Readonly<Builds["unreadable"]>;
}

const none = { answers: [], unreadable: [] };

/** Asks something of every build; one that cannot be read tells why, and the others are answered all the same. */
export async function ofEachBuild<T>(
  service: Service,
  ask: (now: BuildNow) => T | Promise<T>,
): Promise<OfEach<T>> {
  const { log } = service.deps;
  try {
    await service.outputs.look();
  } catch (error) {
    if (isCancellation(error, service.signal)) throw error;
    // Of those that were there at the last look each says what is wrong; workers and alarms are told all the same.
    log.warn({ err: error }, "the outputs cannot be listed");
  }
  const asking = service.outputs.present().map(async ({ name: dataset, title }): Promise<OfEach<T>> => {
    try {
      const now = await service.buildOrNull(dataset);
      return now === null ? none : { ...none, answers: [await ask(now)] };
    } catch (error) {
      if (isCancellation(error, service.signal)) throw error;
      const { problem } = problemOf(error);
      if (problem.code === "internal") log.error({ dataset, err: error }, "a build cannot be read");
      return { ...none, unreadable: [{ dataset, title, problem }] };
    }
  });
  const found = await Promise.all(asking);
  return {
    answers: found.flatMap(({ answers }) => answers),
    unreadable: found.flatMap(({ unreadable }) => unreadable),
  };
}
