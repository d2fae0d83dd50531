import type { Problem } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { ask } from "../data/ask.ts";
import { problemOf } from "../data/use-answer.ts";
import { ProblemNote } from "../frame/notice.tsx";

/** Why the last request for a dataset was refused, until somebody has read it. */
export function RefusedRequest({ dataset, problem }: { dataset: string; problem: Problem | null }) {
  const [away, setAway] = useState<string | null>(null);
  const [failure, setFailure] = useState<Problem | null>(null);
  if (problem === null || away === textOf(problem)) return null;
  const putAway = (): void => {
    ask(`/api/builds/${dataset}/request`, { method: "DELETE" }).then(
      () => setAway(textOf(problem)),
      (error: unknown) => setFailure(problemOf(error)),
    );
  };
  return (
    <>
      <ProblemNote
        problem={{ ...problem, message: `the last request for ${dataset} was refused: ${problem.message}` }}
        putAway={putAway}
      />
      {failure === null ? null : <ProblemNote problem={failure} />}
    </>
  );
}

function textOf({ code, message }: Problem): string {
  return `${code} ${message}`;
}
