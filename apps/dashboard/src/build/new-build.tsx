import type { Datasets } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { useAnswer } from "../data/use-answer.ts";
import { plural } from "../data/words.ts";
import { ProblemNote, Skeleton } from "../frame/notice.tsx";
import { to } from "../route.ts";
import { ConfirmRequest, type WantedRequest } from "./confirm-request.tsx";

/** Choose a dataset and parts; what would run is shown before anything starts. */
export function NewBuild() {
  const { data, problem, again } = useAnswer<Datasets>("/api/datasets");
  const [name, setName] = useState<string | null>(null);
  const [parts, setParts] = useState("");
  const [settings, setSettings] = useState("");
  const [wanted, setWanted] = useState<WantedRequest | null>(null);
  if (data === null) return problem === null ? <Skeleton /> : <ProblemNote problem={problem} again={again} />;
  const chosen = data.datasets.find((dataset) => dataset.name === name) ?? data.datasets[0];
  if (chosen === undefined) return <p class="empty">The catalogue is empty.</p>;
  const submit = (event: Event): void => {
    event.preventDefault();
    const overrides = settings.split(/\s+/).filter((word) => word !== "");
    setWanted({
      title: `Build ${chosen.title}`,
      path: "/api/builds",
      body: {
        dataset: chosen.name,
        ...(parts.trim() === "" ? {} : { parts: parts.trim() }),
        ...(overrides.length === 0 ? {} : { settings: overrides }),
      },
    });
  };
  return (
    <form class="new-build" onSubmit={submit}>
      <label>
        Dataset
        <select value={chosen.name} onChange={(event) => setName(event.currentTarget.value)}>
          {data.datasets.map((dataset) => (
            <option key={dataset.name} value={dataset.name}>
              {dataset.title}
            </option>
          ))}
        </select>
      </label>
      <label>
        Parts
        <input
          name="parts"
          placeholder={chosen.parts === null ? "all" : `all ${chosen.parts}, or 0,72-74`}
          value={parts}
          onInput={(event) => setParts(event.currentTarget.value)}
        />
      </label>
      <label>
        Settings
        <input
          name="settings"
          placeholder="recipe defaults, or fps=2 size=256"
          value={settings}
          onInput={(event) => setSettings(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary" disabled={!chosen.buildable}>
        See what would run
      </button>
      <p class="licence">
        <span class="tag">{chosen.license}</span>
        {chosen.description}
        {chosen.licenseNote === "" ? "" : ` ${chosen.licenseNote}`}
        {chosen.homepage === null ? null : (
          <>
            {" "}
            <a href={chosen.homepage} target="_blank" rel="noreferrer noopener">
              {chosen.source}
            </a>
          </>
        )}
        {chosen.parts === null ? "" : ` · ${plural(chosen.parts, "part")}`}
        {chosen.buildable ? "" : " · it has no place of its own: start the service with a folder for it"}
      </p>
      {wanted === null ? null : (
        <ConfirmRequest
          wanted={wanted}
          onClose={(started) => {
            setWanted(null);
            if (started !== null) location.hash = to.build(started.dataset);
          }}
        />
      )}
    </form>
  );
}
