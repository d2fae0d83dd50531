import type { Problem, SamplePlace } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { ask } from "../data/ask.ts";
import { problemOf } from "../data/use-answer.ts";
import { sentence } from "../frame/banners.tsx";
import { to } from "../route.ts";

/** Goes to a sample whose key is known, wherever it lies. */
export function FindSample({ dataset }: { dataset: string }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [key, setKey] = useState("");
  const find = async (event: Event): Promise<void> => {
    event.preventDefault();
    setProblem(null);
    try {
      const place = await ask<SamplePlace>(`/api/builds/${dataset}/keys/${encodeURIComponent(key)}`);
      location.hash = to.sample(dataset, place.shard, place.key);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <form class="finder" onSubmit={(event) => void find(event)}>
      <label>
        Go to a sample
        <input
          type="search"
          name="find-sample"
          placeholder="its key, as openvid-p0000-000012"
          value={key}
          maxLength={60}
          onInput={(event) => setKey(event.currentTarget.value.trim())}
        />
      </label>
      <button type="submit" disabled={key === ""}>
        Go
      </button>
      {problem === null ? null : (
        <p class="soft" role="alert">
          {problem.code === "bad_request" ? "That is no key of a sample." : sentence(problem.message)}
        </p>
      )}
    </form>
  );
}
