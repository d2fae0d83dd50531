import type { Datasets } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { useAnswer } from "../data/use-answer.ts";
import { plural } from "../data/words.ts";
import { ProblemNote, Skeleton } from "../frame/notice.tsx";
import { to } from "../route.ts";
import type { WantedRequest } from "./confirm-request.tsx";
import { useConfirm } from "./use-confirm.tsx";

type Dataset = Datasets["datasets"][number];

/** Choose a dataset and parts; what would run is shown before anything starts. */
export function NewBuild() {
  const { data, problem, again } = useAnswer<Datasets>("/api/datasets");
  const [name, setName] = useState<string | null>(null);
  const [parts, setParts] = useState("");
  const [settings, setSettings] = useState("");
  const [output, setOutput] = useState("");
  const [accepted, setAccepted] = useState<string | null>(null);
  const { ask, dialog } = useConfirm((started) => {
    if (started !== null) location.hash = to.build(started.dataset);
  });
  if (data === null) return problem === null ? <Skeleton /> : <ProblemNote problem={problem} again={again} />;
  const chosen = data.datasets.find((dataset) => dataset.name === name) ?? data.datasets[0];
  if (chosen === undefined) return <p class="empty">The catalogue is empty.</p>;
  const submit = (event: Event): void => {
    event.preventDefault();
    ask(requestOf(chosen, { parts, settings, output, accepts: accepted === chosen.name }));
  };
  return (
    <form class="new-build" onSubmit={submit}>
      <Choice datasets={data.datasets} chosen={chosen} onChoose={setName} />
      <Field
        name="parts"
        label="Parts"
        placeholder={chosen.parts === null ? "all" : `all ${chosen.parts}, or 0,72-74`}
        value={parts}
        onInput={setParts}
      />
      <Field
        name="settings"
        label="Settings"
        placeholder="recipe defaults, or fps=2 size=256"
        value={settings}
        onInput={setSettings}
      />
      <Field
        name="as"
        label="Output"
        placeholder={`${chosen.name}, or a name of its own`}
        value={output}
        onInput={setOutput}
      />
      <Conditions
        dataset={chosen}
        isAccepted={accepted === chosen.name}
        onAccept={(accepts) => setAccepted(accepts ? chosen.name : null)}
      />
      <button type="submit" class="primary" disabled={!chosen.buildable}>
        See what would run
      </button>
      <Terms dataset={chosen} />
      {dialog}
    </form>
  );
}

function Choice(props: { datasets: readonly Dataset[]; chosen: Dataset; onChoose: (name: string) => void }) {
  const { datasets, chosen, onChoose } = props;
  return (
    <label>
      Dataset
      <select value={chosen.name} onChange={(event) => onChoose(event.currentTarget.value)}>
        {datasets.map((dataset) => (
          <option key={dataset.name} value={dataset.name}>
            {dataset.title}
          </option>
        ))}
      </select>
    </label>
  );
}

function requestOf(
  { name, title }: Dataset,
  { parts, settings, output, accepts }: { parts: string; settings: string; output: string; accepts: boolean },
): WantedRequest {
  const overrides = settings.split(/\s+/).filter((word) => word !== "");
  return {
    kind: "request",
    title: `Build ${title}`,
    path: "/api/builds",
    body: {
      dataset: name,
      ...(output.trim() === "" ? {} : { as: output.trim() }),
      ...(parts.trim() === "" ? {} : { parts: parts.trim() }),
      ...(overrides.length === 0 ? {} : { settings: overrides }),
      ...(accepts ? { acceptTerms: true } : {}),
    },
  };
}

function Field(props: {
  name: string;
  label: string;
  placeholder: string;
  value: string;
  onInput: (value: string) => void;
}) {
  const { name, label, placeholder, value, onInput } = props;
  return (
    <label>
      {label}
      <input
        name={name}
        placeholder={placeholder}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

/** What the chosen dataset asks for, and the box without which nothing of it is begun here: somebody is there who can answer. */
function Conditions(props: { dataset: Dataset; isAccepted: boolean; onAccept: (accepts: boolean) => void }) {
  const { dataset, isAccepted, onAccept } = props;
  const { conditions } = dataset;
  if (conditions === null) return null;
  return (
    <fieldset class="conditions">
      <legend>Conditions of {dataset.title}</legend>
      <ul>
        {conditions.lines.map((line) => (
          <li key={line} dir="auto">
            {line}
          </li>
        ))}
      </ul>
      {conditions.url === null ? null : (
        <a href={conditions.url} target="_blank" rel="noreferrer noopener">
          {conditions.url}
        </a>
      )}
      <label class="accept">
        <input
          type="checkbox"
          name="accept-terms"
          required
          checked={isAccepted}
          onChange={(event) => onAccept(event.currentTarget.checked)}
        />
        I accept them
      </label>
    </fieldset>
  );
}

/** What the chosen dataset is, and what may be done with it. */
function Terms({ dataset }: { dataset: Dataset }) {
  return (
    <p class="licence">
      <span class="tag">{dataset.license}</span>
      {dataset.description}
      {dataset.licenseNote === "" ? "" : ` ${dataset.licenseNote}`}
      {dataset.homepage === null ? null : (
        <>
          {" "}
          <a href={dataset.homepage} target="_blank" rel="noreferrer noopener">
            {dataset.source}
          </a>
        </>
      )}
      {dataset.parts === null ? "" : ` · ${plural(dataset.parts, "part")}`}
      {dataset.buildable ? "" : " · it has no place of its own: start the service with a folder for it"}
    </p>
  );
}
