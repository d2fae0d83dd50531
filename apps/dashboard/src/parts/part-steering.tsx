import type { Part, Problem } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { useConfirm } from "../build/use-confirm.tsx";
import { ask } from "../data/ask.ts";
import { problemOf } from "../data/use-answer.ts";
import { ProblemNote } from "../frame/notice.tsx";

type Verb = "pause" | "resume" | "cancel";

/** What is said to one part that is at work; the others go on. A cancel is asked for twice. */
export function PartSteering(props: { dataset: string; part: Part; again: () => void }) {
  const { dataset, part, again } = props;
  const [problem, setProblem] = useState<Problem | null>(null);
  const { ask: askFirst, dialog } = useConfirm();
  const steer = async (verb: Verb): Promise<void> => {
    setProblem(null);
    try {
      await ask(`/api/builds/${dataset}/parts/${encodeURIComponent(part.label)}/${verb}`, { method: "POST" });
      again();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const askWhetherToCancel = (): void =>
    askFirst({
      kind: "step",
      title: `Cancel part ${part.label}?`,
      text: "What of it is queued or at work goes away; the other parts go on. Committed shards stay, and the rest can be built later.",
      yes: "Cancel the part",
      no: "Keep on",
      run: () => void steer("cancel"),
    });
  return (
    <>
      <div class="row controls">
        {part.held?.kind === "pause" ? (
          <button type="button" class="primary" onClick={() => void steer("resume")}>
            Resume this part
          </button>
        ) : (
          <button type="button" onClick={() => void steer("pause")}>
            Pause this part
          </button>
        )}
        <button type="button" onClick={askWhetherToCancel}>
          Cancel this part
        </button>
      </div>
      {problem === null ? null : <ProblemNote problem={problem} />}
      {dialog}
    </>
  );
}
