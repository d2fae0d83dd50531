import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Catalogue, loadCatalogue } from "@shardmill/catalogue";
import { asOutput } from "@shardmill/core";
import { openRecords, openStore, type Store } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aBuildRecord } from "../../../../packages/core/testing/records.ts";
import { Outputs } from "./outputs.ts";

let root: string;
let store: Store;
let catalogue: Catalogue;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "shardmill-outputs-"));
  store = await openStore(root);
  catalogue = await loadCatalogue(new URL("../../../../config/datasets", import.meta.url).pathname);
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A build's record in a folder: of an entry of the catalogue, under a name. */
async function writeBuild(
  folder: string,
  { entry, name = folder }: { entry: string | null; name?: string },
): Promise<void> {
  const dataset = asOutput(catalogue.get("smoltalk"), name);
  await openRecords(store, folder).writeBuild(aBuildRecord({ dataset, entry }));
}

const opened = async (): Promise<Outputs> => {
  const outputs = new Outputs(store, catalogue);
  await outputs.look();
  return outputs;
};
const ownNames = (outputs: Outputs): string[] =>
  outputs
    .list()
    .map(({ name }) => name)
    .filter((name) => !catalogue.list().some((dataset) => dataset.name === name));

describe("what can be seen of an output root", () => {
  it("is every dataset of the catalogue, whether it is there or not", async () => {
    const outputs = await opened();
    const names = catalogue.list().map(({ name }) => name);
    expect(outputs.list().map(({ name }) => name)).toEqual([...names].sort());
    expect(names.every((name) => outputs.isKnown(name))).toBe(true);
  });

  it("are outputs under names of their own, in their place among the others", async () => {
    await writeBuild("smoltalk-stage1", { entry: "smoltalk" });
    const outputs = await opened();
    expect(ownNames(outputs)).toEqual(["smoltalk-stage1"]);
    expect(outputs.isKnown("smoltalk-stage1")).toBe(true);
    const names = outputs.list().map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(outputs.list().find(({ name }) => name === "smoltalk-stage1")?.title).toBe("SmolTalk");
  });

  it.each([
    ["a record of no entry", () => writeBuild("mine", { entry: null })],
    ["a record of an entry that is not in the catalogue", () => writeBuild("mine", { entry: "nothing" })],
    ["a record of another name", () => writeBuild("mine", { entry: "smoltalk", name: "other" })],
    ["a folder without records", () => mkdir(join(root, "mine"))],
    ["a file", () => writeFile(join(root, "mine"), "{}")],
    [
      "a record that cannot be read",
      async () => {
        await mkdir(join(root, "mine/.shardmill"), { recursive: true });
        await writeFile(join(root, "mine/.shardmill/build.json"), '{"dataset":');
      },
    ],
  ])("is nothing else: %s", async (_, write) => {
    await write();
    const outputs = await opened();
    expect(ownNames(outputs)).toEqual([]);
    expect(outputs.isKnown("mine")).toBe(false);
  });

  it("is what came since, once it is looked for", async () => {
    const outputs = await opened();
    await writeBuild("later", { entry: "smoltalk" });
    expect(outputs.isKnown("later")).toBe(false);
    await outputs.look();
    expect(outputs.isKnown("later")).toBe(true);
  });

  it("is no path that leads elsewhere", async () => {
    const outputs = await opened();
    for (const name of ["", ".", "..", "../x", "constructor", "__proto__"])
      expect(outputs.isKnown(name), name).toBe(false);
  });
});
