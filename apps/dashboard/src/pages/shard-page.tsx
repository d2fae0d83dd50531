import type { SamplesPage } from "@shardmill/api/contract";
import { useAnswer } from "../data/use-answer.ts";
import { bytes, count, plural } from "../data/words.ts";
import { sentence } from "../frame/banners.tsx";
import { Notice, Skeleton } from "../frame/notice.tsx";
import { Pager } from "../frame/pager.tsx";
import { to } from "../route.ts";
import { Frame } from "../sample/frame.tsx";

const pageSize = 20;

/** The samples of one shard with their middle frames. */
export function ShardPage({ dataset, shard, at }: { dataset: string; shard: string; at: number }) {
  const path = `/api/builds/${dataset}/shards/${shard}/samples?page=${at}&pageSize=${pageSize}`;
  const { data, older, problem, again } = useAnswer<SamplesPage>(path, dataset);
  if (data === null && problem !== null) {
    return (
      <Notice
        title={shard}
        text={sentence(problem.message)}
        link={{ href: to.build(dataset), text: "The build" }}
      >
        <button type="button" onClick={again}>
          Try again
        </button>
      </Notice>
    );
  }
  const shown = data ?? (older?.shard === shard ? older : null);
  if (shown === null) return <Skeleton lines={8} />;
  const pages = Math.max(1, Math.ceil(shown.total / pageSize));
  if (at > pages) {
    return (
      <Notice
        title={shard}
        text={`It has ${plural(shown.total, "sample")} on ${plural(pages, "page")}; there is no page ${count(at)}.`}
        link={{ href: to.shard(dataset, shard), text: "The first page" }}
      />
    );
  }
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{shard}</h1>
          <p class="soft">{plural(shown.total, "sample")}</p>
        </div>
        <Pager
          page={at}
          pageSize={pageSize}
          total={shown.total}
          onPage={(page) => (location.hash = to.shard(dataset, shard, page))}
        />
      </div>
      {shown.total === 0 ? <p class="empty">This shard packed no sample.</p> : null}
      <div class={data === null ? "sample-list waiting" : "sample-list"}>
        {shown.samples.map(({ key, frames, bytes: size, caption }) => (
          <a class="sample-tile" key={key} href={to.sample(dataset, shard, key)}>
            {frames > 0 ? (
              <Frame
                dataset={dataset}
                shard={shard}
                version={shown.version}
                sampleKey={key}
                number={Math.floor(frames / 2)}
              />
            ) : (
              <span class="no-frame">no frame</span>
            )}
            <span class="tile-words">
              <b>{key}</b>
              <span class="soft">
                {count(frames)} frames · {bytes(size)}
              </span>
              <span class="tile-caption" dir="auto">
                {caption ?? "no caption"}
              </span>
            </span>
          </a>
        ))}
      </div>
    </>
  );
}
