import { afterEach, beforeEach, expect, it } from "vitest";
import { ToyBuild } from "../../testing/toy-build.ts";
import { planPart } from "./plan-part.ts";
import { mustBeUnchanged } from "./unchanged-source.ts";

const signal = new AbortController().signal;
let toy: ToyBuild;
beforeEach(async () => {
  toy = await ToyBuild.open();
});
afterEach(() => toy.close());

it("a part does not end done over captions that are others by then; its shards are as planned", async () => {
  const context = await toy.context();
  const { plan } = await planPart(context, { subset: null, part: 0 }, signal);
  await mustBeUnchanged(context, plan, null, signal);
  toy.caption("old", "2");
  await mustBeUnchanged(context, plan, null, signal);
  for (const word of ["new", "other"]) {
    toy.caption(word, `3 ${word}`);
    await expect(mustBeUnchanged(context, plan, null, signal)).rejects.toMatchObject({
      code: "source_changed",
      where: { path: "captions.csv" },
    });
  }
  toy.files.delete("captions.csv");
  await expect(mustBeUnchanged(context, plan, null, signal)).rejects.toMatchObject({
    code: "source_changed",
  });
  await mustBeUnchanged(context, plan, 0, signal);
});
