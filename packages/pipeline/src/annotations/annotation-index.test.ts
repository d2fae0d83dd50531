import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ToyBuild } from "../../testing/toy-build.ts";
import type { BuildContext } from "../context/build-context.ts";
import { planPart } from "../plan/plan-part.ts";
import { annotationIdentityOf } from "./annotation-identity.ts";
import { annotationIndexOfPlan, annotationsOf } from "./annotation-index.ts";

/** Captions that change in place, to others of the same size, while a build runs. */
const signal = new AbortController().signal;
let toy: ToyBuild;
beforeEach(async () => {
  toy = await ToyBuild.open();
});
afterEach(() => toy.close());

const part = (number: number) => ({ subset: null, part: number });

async function plannedOf(context: BuildContext, number: number) {
  const { plan, members } = await planPart(context, part(number), signal);
  const captions: unknown[] = [];
  for await (const range of members)
    for (const { records } of range) captions.push(records[0]?.fields.caption);
  return { plan, captions };
}

describe("captions that change while a build runs", () => {
  it("a plan's records are of the content that its identity tells, whoever hashed the files", async () => {
    const context = await toy.context();
    const first = await plannedOf(context, 0);
    expect(first.captions).toEqual(["old 0", "old 1"]);
    toy.caption("new", "2");
    // Another process has read the new ones for their hash, and kept it.
    const elsewhere = await annotationIdentityOf(await toy.context(), null, signal);
    const second = await plannedOf(context, 1);
    expect(second.plan.annotationsId).toBe(elsewhere.id);
    expect(second.captions).toEqual(["new 2", "new 3"]);
    expect(second.plan.annotationsId).not.toBe(first.plan.annotationsId);
    // As they were: the index that was made of them is still there.
    toy.caption("old", "3");
    expect(await plannedOf(context, 0)).toEqual(first);
  });

  it("an index is not taken of files that change while they are read for it", async () => {
    const context = await toy.context();
    // Once for the hash, then for the records.
    toy.onRead = (path, read) => {
      if (path === "captions.csv" && read === 2) toy.caption("new", "2");
    };
    await expect(annotationsOf(context, null, signal)).rejects.toMatchObject({ code: "source_changed" });
    toy.onRead = () => undefined;
    expect((await plannedOf(context, 0)).captions).toEqual(["new 0", "new 1"]);
    // Nothing was published under the name of what the files held before.
    toy.caption("old", "3");
    expect((await plannedOf(context, 0)).captions).toEqual(["old 0", "old 1"]);
  });

  it("a stream is judged by the captions of its plan or not at all", async () => {
    const context = await toy.context();
    const { plan } = await plannedOf(context, 0);
    expect(await annotationIndexOfPlan(context, plan, signal)).not.toBeNull();
    toy.caption("new", "2");
    const judged = annotationIndexOfPlan(context, plan, signal);
    await expect(judged).rejects.toMatchObject({ code: "source_changed" });
  });
});
