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
  const { data, problem } = useAnswer<SamplesPage>(path);
  if (data === null) {
    if (problem === null) return <Skeleton lines={8} />;
    return (
      <Notice
        title={shard}
        text={sentence(problem.message)}
        link={{ href: to.build(dataset), text: "The build" }}
      />
    );
  }
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{shard}</h1>
          <p class="soft">{plural(data.total, "sample")}</p>
        </div>
        <Pager
          page={at}
          pageSize={pageSize}
          total={data.total}
          onPage={(page) => (location.hash = to.shard(dataset, shard, page))}
        />
      </div>
      <div class="sample-list">
        {data.samples.map(({ key, frames, bytes: size, caption }) => (
          <a class="sample-tile" key={key} href={to.sample(dataset, shard, key)}>
            {frames > 0 ? (
              <Frame dataset={dataset} shard={shard} sampleKey={key} number={Math.floor(frames / 2)} />
            ) : (
              <span class="no-frame">no frame</span>
            )}
            <span class="tile-words">
              <b>{key}</b>
              <span class="soft">
                {count(frames)} frames · {bytes(size)}
              </span>
              <span class="tile-caption">{caption ?? "no caption"}</span>
            </span>
          </a>
        ))}
      </div>
    </>
  );
}
