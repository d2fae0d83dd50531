import type { BuildDetail, Problem } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { ask } from "../data/ask.ts";
import { problemOf } from "../data/use-answer.ts";
import { ProblemNote } from "../frame/notice.tsx";
import { ConfirmRequest, type WantedRequest } from "./confirm-request.tsx";

/** Pause, resume, cancel, and the retries of whole parts. */
export function Controls({ build, again }: { build: BuildDetail; again: () => void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [wanted, setWanted] = useState<WantedRequest | null>(null);
  const [isAsking, setAsking] = useState(false);
  const steer = (verb: string) => async (): Promise<void> => {
    setProblem(null);
    setAsking(false);
    try {
      await ask(`/api/builds/${build.dataset}/${verb}`, { method: "POST" });
      again();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const retry = (kind: string, title: string) => (): void =>
    setWanted({
      title,
      path: `/api/builds/${build.dataset}/retry`,
      body: { selection: { kind } },
      isNarrowable: true,
    });
  const { states } = build;
  const missing = (states.missing ?? 0) + (states.partial ?? 0);
  return (
    <>
      <div class="row controls">
        {build.active && build.control === "run" ? (
          <button type="button" onClick={steer("pause")}>
            Pause
          </button>
        ) : null}
        {build.control === "pause" ? (
          <button type="button" class="primary" onClick={steer("resume")}>
            Resume
          </button>
        ) : null}
        {build.active ? (
          isAsking ? (
            <span class="row sure">
              Committed shards stay. Cancel what is left?
              <button type="button" class="danger" onClick={steer("cancel")}>
                Cancel the build
              </button>
              <button type="button" onClick={() => setAsking(false)}>
                Keep on
              </button>
            </span>
          ) : (
            <button type="button" onClick={() => setAsking(true)}>
              Cancel
            </button>
          )
        ) : null}
        {missing > 0 ? (
          <button
            type="button"
            class={build.active ? "" : "primary"}
            onClick={retry("missing", "Build what is missing")}
          >
            Build what is missing
          </button>
        ) : null}
        {(states.failed ?? 0) > 0 ? (
          <button type="button" onClick={retry("failed", "Retry failed parts")}>
            Retry failed parts
          </button>
        ) : null}
        {(states.stale ?? 0) > 0 ? (
          <button type="button" onClick={retry("stale", "Make stale parts again")}>
            Make stale parts again
          </button>
        ) : null}
      </div>
      {problem === null ? null : <ProblemNote problem={problem} />}
      {wanted === null ? null : (
        <ConfirmRequest
          wanted={wanted}
          onClose={() => {
            setWanted(null);
            again();
          }}
        />
      )}
    </>
  );
}
