import type { BuildDetail, Remark } from "@shardmill/api/contract";
import type { ComponentChildren } from "preact";
import { count, plural } from "../data/words.ts";
import { sentence } from "../frame/banners.tsx";
import { to } from "../route.ts";

/** What costs no member and should be known. Every text of the source is shown as text. */
export function Remarks({ remarks }: { remarks: readonly Remark[] }) {
  if (remarks.length === 0) return null;
  return (
    <section class="card">
      <h2>Remarks</h2>
      <ul class="remarks">
        {remarks.map((remark) => (
          <RemarkLine key={remark.code} remark={remark} />
        ))}
      </ul>
    </section>
  );
}

/** Those of the listing, of the annotations, and of all parts by code. */
export function BuildRemarks({ build }: { build: BuildDetail }) {
  const { remarks, annotationRemarks, partRemarks, dataset } = build;
  if (remarks.length + annotationRemarks.length + partRemarks.length === 0) return null;
  return (
    <section class="card" id="remarks">
      <h2>Remarks</h2>
      {remarks.map((remark) => (
        <p key={remark}>{remark}</p>
      ))}
      <ul class="remarks">
        {annotationRemarks.map((remark) => (
          <RemarkLine key={remark.code} remark={remark}>
            <span class="soft">in the annotations</span>
          </RemarkLine>
        ))}
        {partRemarks.map((remark) => (
          <RemarkLine key={remark.code} remark={remark}>
            <span class="soft">
              in {plural(remark.parts, "part")}, first in{" "}
              <a href={to.part(dataset, remark.first)}>{remark.first}</a>
            </span>
          </RemarkLine>
        ))}
      </ul>
    </section>
  );
}

function RemarkLine({ remark, children }: { remark: Remark; children?: ComponentChildren }) {
  return (
    <li>
      <p class="remark-head">
        <code>{remark.code}</code>
        <b>×{count(remark.count)}</b>
        {children}
      </p>
      <p>{sentence(remark.meaning)}</p>
      <p class="soft remark-detail">{remark.detail}</p>
    </li>
  );
}
