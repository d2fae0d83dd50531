import type { BuildDetail, Problem } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { ask } from "../data/ask.ts";
import { problemOf } from "../data/use-answer.ts";
import { plural } from "../data/words.ts";
import { ProblemNote } from "../frame/notice.tsx";
import { rebuildOf } from "./requests.ts";
import { useConfirm } from "./use-confirm.tsx";

/** Pause, resume, cancel, and what may be made again. */
export function Controls(props: { build: BuildDetail; isCurrent: boolean; again: () => void }) {
  const { build, isCurrent, again } = props;
  const [problem, setProblem] = useState<Problem | null>(null);
  const { ask: askFirst, dialog } = useConfirm(again);
  const steer = async (verb: Verb): Promise<void> => {
    setProblem(null);
    try {
      await ask(`/api/builds/${build.dataset}/${verb}`, { method: "POST" });
      again();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const retry: Retry = (selection, title) => () =>
    askFirst({
      kind: "request",
      title,
      path: `/api/builds/${build.dataset}/retry`,
      body: { selection },
      isNarrowable: selection.all !== true,
    });
  // What could be asked for is not told before it is known what has been.
  if (!isCurrent) {
    return (
      <p class="note" role="status">
        <span class="spinner" aria-hidden="true" /> Its state is being asked for.
      </p>
    );
  }
  return (
    <>
      <div class="row controls">
        <Steering build={build} steer={(verb) => void steer(verb)} />
        {build.awaited ? null : <Retries build={build} retry={retry} />}
        <Rebuild build={build} askFirst={askFirst} />
      </div>
      {problem === null ? null : <ProblemNote problem={problem} />}
      {dialog}
    </>
  );
}

type Verb = "pause" | "resume" | "cancel";
type Retry = (selection: { kind: string; all?: true }, title: string) => () => void;

/** What is said to a build as a whole; a cancel is asked for twice. */
function Steering({ build, steer }: { build: BuildDetail; steer: (verb: Verb) => void }) {
  const { ask: askFirst, dialog } = useConfirm();
  const say = (verb: Verb) => (): void => steer(verb);
  const askWhetherToCancel = (): void =>
    askFirst({
      kind: "step",
      title: `Cancel the build of ${build.title}?`,
      text: "All that is queued or at work goes away. Committed shards stay, and the rest can be built later.",
      yes: "Cancel the build",
      no: "Keep on",
      run: say("cancel"),
    });
  return (
    <>
      {build.active && build.control === "run" ? (
        <button type="button" onClick={say("pause")}>
          Pause
        </button>
      ) : null}
      {build.control === "pause" ? (
        <button type="button" class="primary" onClick={say("resume")}>
          Resume
        </button>
      ) : null}
      {build.active || build.awaited ? (
        <>
          <button type="button" onClick={askWhetherToCancel}>
            Cancel
          </button>
          {dialog}
        </>
      ) : null}
    </>
  );
}

/** All of it, or the parts that are named in the question, made anew from the source. */
function Rebuild(props: { build: BuildDetail; askFirst: ReturnType<typeof useConfirm>["ask"] }) {
  const { build, askFirst } = props;
  const wanted = rebuildOf(build, `Make ${build.title} again from the beginning`, null);
  if (build.active || build.awaited || wanted === null) return null;
  return (
    <button type="button" class="quiet" onClick={() => askFirst(wanted)}>
      Make again …
    </button>
  );
}

/** Counted by what would select the parts, not by their states. */
function Retries({ build, retry }: { build: BuildDetail; retry: Retry }) {
  const { missing, missingOfAll, failed, stale } = build.retries;
  return (
    <>
      {missing > 0 ? (
        <button
          type="button"
          class={build.active ? "" : "primary"}
          onClick={retry({ kind: "missing" }, "Build what is missing")}
        >
          Build what is missing: {plural(missing, "part")}
        </button>
      ) : null}
      {missingOfAll > missing ? (
        <button
          type="button"
          onClick={retry({ kind: "missing", all: true }, "Build the rest of the dataset")}
        >
          Build the rest of the dataset: {plural(missingOfAll, "part")}
        </button>
      ) : null}
      {failed > 0 ? (
        <button type="button" onClick={retry({ kind: "failed" }, "Retry failed parts")}>
          Retry {plural(failed, "failed part")}
        </button>
      ) : null}
      {stale > 0 ? (
        <button type="button" onClick={retry({ kind: "stale" }, "Make stale parts again")}>
          Make {plural(stale, "stale part")} again
        </button>
      ) : null}
    </>
  );
}
