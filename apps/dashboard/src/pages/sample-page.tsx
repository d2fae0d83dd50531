import type { SampleDetail } from "@shardmill/api/contract";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { useAnswer } from "../data/use-answer.ts";
import { bytes, count } from "../data/words.ts";
import { sentence } from "../frame/banners.tsx";
import { Notice, Skeleton } from "../frame/notice.tsx";
import { to } from "../route.ts";
import { Conversation } from "../sample/conversation.tsx";
import { Frame } from "../sample/frame.tsx";
import { answersOf } from "../sample/messages.ts";
import { Pair } from "../sample/pair.tsx";
import { TokensCard } from "../sample/tokens.tsx";

/** As many as a clip has frames, by default. */
const mostNumbers = 64;
const fewNumbers = 24;

/** One sample as it stands in its shard. The left and right arrows go to its neighbours. */
export function SamplePage(props: { dataset: string; shard: string; sampleKey: string }) {
  const { dataset, shard, sampleKey } = props;
  const { data, problem } = useAnswer<SampleDetail>(
    `/api/builds/${dataset}/samples/${shard}/${sampleKey}`,
    dataset,
  );
  const [last, setLast] = useState<SampleDetail | null>(null);
  useEffect(() => {
    if (data !== null) setLast(data);
  }, [data]);
  const sample = data ?? last;
  const previous = sample?.previous ?? null;
  const next = sample?.next ?? null;
  useNeighbourKeys(dataset, shard, previous, next);
  if (problem !== null && data === null) {
    return (
      <Notice
        title={sampleKey}
        text={sentence(problem.message)}
        link={{ href: to.shard(dataset, shard), text: "The shard" }}
      />
    );
  }
  if (sample === null) return <Skeleton lines={8} />;
  return (
    <article class={data === null ? "sample waiting" : "sample"}>
      <SampleHead dataset={dataset} shard={shard} sample={sample} />
      <Frames dataset={dataset} shard={shard} sample={sample} />
      <div class="columns">
        <section class="card">
          <h2>Text</h2>
          <Conversation
            json={sample.json}
            none={sample.tokens === null ? "This sample has no text." : "Its text stands in its tokens only."}
          />
        </section>
        <section class="card">
          <h2>JSON</h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard */}
          <pre class="json" tabIndex={0} dir="ltr">
            {JSON.stringify(sample.json, null, 2).replace(/\[\n\s+([\d.,\s-]+?)\n\s*\]/g, oneLine)}
          </pre>
        </section>
      </div>
      <Trained sample={sample} />
    </article>
  );
}

/** What a model is trained on: the tokens of the conversation, or the two answers of a preference pair. */
function Trained({ sample: { json, tokens } }: { sample: SampleDetail }) {
  const answers = answersOf(json);
  const whole = tokens?.find(({ name }) => name === "tokens");
  const ofPair = tokens?.filter(({ name }) => name !== "tokens") ?? [];
  return (
    <>
      {whole === undefined ? null : <TokensCard list={whole} />}
      {answers === null && ofPair.length === 0 ? null : <Pair answers={answers} tokens={ofPair} />}
    </>
  );
}

function SampleHead({ dataset, shard, sample }: { dataset: string; shard: string; sample: SampleDetail }) {
  const { previous, next } = sample;
  return (
    <div class="page-head">
      <div>
        <h1>{sample.key}</h1>
        <p class="soft">
          sample {count(sample.index + 1)} of {count(sample.total)} · {count(sample.frames.length)} frames
          {sample.layout === "frames" ? "" : `, layout ${sample.layout}`} · {bytes(sample.bytes)}
          {sample.homepage === null ? null : (
            <>
              {" · "}
              <a href={sample.homepage} target="_blank" rel="noreferrer noopener">
                the dataset's page
              </a>
            </>
          )}
        </p>
      </div>
      <nav class="row" aria-label="Neighbours">
        <Step href={previous === null ? null : to.sample(dataset, shard, previous)} text="← Previous" />
        <Step href={next === null ? null : to.sample(dataset, shard, next)} text="Next →" />
      </nav>
    </div>
  );
}

function useNeighbourKeys(
  dataset: string,
  shard: string,
  previous: string | null,
  next: string | null,
): void {
  // With the sample that is shown, and not a moment later: a key goes on from what the eye sees.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      // What scrolls or takes text has these keys for itself.
      if (event.target instanceof Element && event.target.closest('input, select, textarea, [tabindex="0"]'))
        return;
      const key = event.key === "ArrowLeft" ? previous : event.key === "ArrowRight" ? next : null;
      if (key !== null) location.hash = to.sample(dataset, shard, key);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [dataset, shard, previous, next]);
}

function Frames({ dataset, shard, sample }: { dataset: string; shard: string; sample: SampleDetail }) {
  if (sample.frames.length === 0) return <p class="empty">This sample has no frames.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard
    <section class="strip" aria-label="Frames" tabIndex={0}>
      {sample.frames.map(({ name, timeS, bytes: size }, number) => (
        <figure key={name}>
          <Frame
            dataset={dataset}
            shard={shard}
            version={sample.version}
            sampleKey={sample.key}
            number={number}
            alt={`frame ${number}${timeS === null ? "" : `, at ${timeS.toFixed(2)} s`}`}
          />
          <figcaption>
            <b>{timeS === null ? number : `${timeS.toFixed(2)} s`}</b>
            <span class="soft">{bytes(size)}</span>
          </figcaption>
        </figure>
      ))}
    </section>
  );
}

/** Lists of numbers read better along a line. Of a long one, such as ids of tokens, the beginning: the rest of the JSON is to be found too. */
function oneLine(_all: string, numbers: string): string {
  const all = numbers.split(/,\s+/);
  const shown = all.length > mostNumbers ? all.slice(0, fewNumbers) : all;
  const more = all.length - shown.length;
  return `[${shown.join(", ")}${more === 0 ? "" : `, … ${count(more)} more`}]`;
}

function Step({ href, text }: { href: string | null; text: string }) {
  return href === null ? (
    <span class="button off" aria-disabled="true">
      {text}
    </span>
  ) : (
    <a class="button" href={href}>
      {text}
    </a>
  );
}
