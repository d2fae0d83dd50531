import type { Problem, RequestAnswer } from "@shardmill/api/contract";
import { useEffect, useState } from "preact/hooks";
import { ask } from "../data/ask.ts";
import { problemOf } from "../data/use-answer.ts";
import { ProblemNote, Skeleton } from "../frame/notice.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { PlanList } from "./plan-list.tsx";

export interface WantedRequest {
  readonly kind: "request";
  readonly title: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
  /** The selection can be narrowed to some parts before it is started. */
  readonly isNarrowable?: boolean;
  /** What happens while it is not known yet what would run. */
  readonly asking?: string;
}

function bodyOf({ body }: WantedRequest, parts: string): Record<string, unknown> {
  const { selection } = body;
  if (parts === "") return body;
  if (typeof selection !== "object" || selection === null) return { ...body, parts };
  return { ...body, selection: { ...selection, parts } };
}

/** Shows what a request would run, and starts it when the person says so. */
export function ConfirmRequest(props: {
  wanted: WantedRequest;
  onClose: (started: RequestAnswer | null) => void;
}) {
  const { wanted, onClose } = props;
  const [answer, setAnswer] = useState<RequestAnswer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isStarting, setStarting] = useState(false);
  const [parts, setParts] = useState("");
  useEffect(() => {
    setAnswer(null);
    setProblem(null);
    const stop = new AbortController();
    const body = { ...bodyOf(wanted, parts), dryRun: true };
    ask<RequestAnswer>(wanted.path, { body, signal: stop.signal }).then(setAnswer, (error) => {
      if (!stop.signal.aborted) setProblem(problemOf(error));
    });
    return () => stop.abort();
  }, [wanted, parts]);
  const start = async (): Promise<void> => {
    setStarting(true);
    setProblem(null);
    try {
      onClose(await ask<RequestAnswer>(wanted.path, { body: bodyOf(wanted, parts) }));
    } catch (error) {
      setProblem(problemOf(error));
      setStarting(false);
    }
  };
  return (
    <ConfirmDialog
      title={wanted.title}
      no="Not now"
      yes={{
        text: isStarting ? "Starting" : "Start",
        look: "primary",
        isReady: answer !== null && answer.items.length > 0 && !isStarting,
      }}
      onYes={() => void start()}
      onNo={() => onClose(null)}
    >
      {wanted.isNarrowable === true ? (
        <label class="narrow">
          Only these parts
          <input
            name="only-parts"
            placeholder="all of them, or 0,72-74"
            onChange={(event) => setParts(event.currentTarget.value.trim())}
          />
        </label>
      ) : null}
      {answer === null && problem === null ? (
        <>
          <p class="soft">
            {wanted.asking ?? "Asking what this would run. The source is listed; nothing is started."}
          </p>
          <Skeleton lines={3} />
        </>
      ) : null}
      {problem === null ? null : <ProblemNote problem={problem} />}
      {answer === null ? null : <PlanList answer={answer} />}
    </ConfirmDialog>
  );
}
