import { deepEqual, equal, rejects } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Failure } from "@shardmill/core";
import type { Store, TempFile } from "./store.ts";

/** One behaviour that every store has. */
export interface StoreCase {
  readonly title: string;
  run(store: Store): Promise<void>;
}

const signal = new AbortController().signal;

/** What whoever uses a Store relies on; another store has to pass all of it. Each case gets an empty store. */
export const storeContract: readonly StoreCase[] = [
  {
    title: "gives back what was put, and replaces it whole",
    async run(store) {
      await store.put("a/b/c.json", "first");
      equal(await text(store, "a/b/c.json"), "first");
      await store.put("a/b/c.json", "2");
      equal(await text(store, "a/b/c.json"), "2");
    },
  },
  {
    title: "reads a file unless it is the one that is known",
    async run(store) {
      await store.put("d/x", "first");
      const first = await store.readUnless("d/x", null);
      if (first === null || first === "same") throw new Error("expected a file");
      equal(Buffer.from(first.bytes).toString(), "first");
      // A folder tells no stamp of one so young.
      const again = await store.readUnless("d/x", first.stamp);
      deepEqual(again, first.stamp === null ? first : "same");
      await store.put("d/x", "second");
      const second = await store.readUnless("d/x", first.stamp);
      if (second === null || second === "same") throw new Error("expected another file");
      equal(Buffer.from(second.bytes).toString(), "second");
      await store.remove("d/x");
      equal(await store.readUnless("d/x", second.stamp), null);
    },
  },
  {
    title: "has null for what is not there",
    async run(store) {
      await store.put("file", "x");
      for (const path of ["none", "no/where", "file/below"]) {
        equal(await store.read(path), null);
        equal(await store.stat(path), null);
        equal(await store.openFile(path), null);
        equal(await store.remove(path), false);
      }
      deepEqual(await store.list("none"), []);
      await rejects(store.readRange("none", 0, 1), isFailure("output_io"));
    },
  },
  {
    title: "puts a new file only where there is none",
    async run(store) {
      equal(await store.putNew("x", "first"), "published");
      equal(await store.putNew("x", "second"), "exists");
      equal(await text(store, "x"), "first");
    },
  },
  {
    title: "lets one of many publish under a name",
    async run(store) {
      const all = await Promise.all(Array.from({ length: 20 }, (_, at) => store.putNew("one", `${at}`)));
      equal(all.filter((end) => end === "published").length, 1);
      equal(await text(store, "one"), `${all.indexOf("published")}`);
    },
  },
  {
    title: "shows a temporary file under no other name before it is linked, and keeps it until it is removed",
    async run(store) {
      const temp = await filled(store, "d/final.tar", ["ab", "cd"]);
      deepEqual(await store.list("d"), []);
      deepEqual(await store.listTemporaries("d"), [temp.path]);
      equal(temp.sizeBytes, 4);
      equal(await joined(temp.chunks(signal)), "abcd");
      equal(await temp.link("d/final.tar"), "published");
      equal((await store.stat("d/final.tar"))?.identity, (await store.stat(temp.path))?.identity);
      await temp.remove();
      await temp.remove();
      deepEqual(await store.listTemporaries("d"), []);
      equal(await text(store, "d/final.tar"), "abcd");
    },
  },
  {
    title: "links over nothing, and replaces when told so",
    async run(store) {
      await store.put("d/final", "old");
      const temp = await filled(store, "d/final", ["new"]);
      equal(await temp.link("d/final"), "exists");
      equal(await text(store, "d/final"), "old");
      await temp.replace("d/final");
      equal(await text(store, "d/final"), "new");
      await temp.remove();
    },
  },
  {
    title: "takes a second link of the same file for done: an answer may get lost on the way",
    async run(store) {
      const temp = await filled(store, "final", ["x"]);
      equal(await temp.link("final"), "published");
      equal(await temp.link("final"), "published");
      await temp.remove();
    },
  },
  {
    title: "reads ranges exactly, and says so when there is less",
    async run(store) {
      await store.put("x", "0123456789");
      equal(Buffer.from(await store.readRange("x", 3, 6)).toString(), "345");
      equal(await joined(store.chunks("x", signal, { start: 8, end: 10 })), "89");
      await rejects(store.readRange("x", 8, 11), isFailure("output_io"));
      const file = await store.openFile("x");
      equal(file?.sizeBytes, 10);
      equal(Buffer.from((await file?.read(8, 20)) ?? []).toString(), "89");
      await file?.close();
    },
  },
  {
    title: "reads one whole file while it is replaced by others of other sizes",
    async run(store) {
      const sizes = [10, 70_000, 3, 200_000];
      await store.put("r", "0".repeat(10));
      const replacing = (async () => {
        for (let round = 0; round < 40; round += 1)
          await store.put("r", String(round % 10).repeat(sizes[round % sizes.length] ?? 1));
      })();
      for (let round = 0; round < 200; round += 1) {
        const text = Buffer.from((await store.read("r")) ?? []).toString();
        equal(sizes.includes(text.length) && text === text.slice(0, 1).repeat(text.length), true);
      }
      await replacing;
    },
  },
  {
    title: "lists files by name, without folders and temporaries",
    async run(store) {
      for (const name of ["b", "a", "sub/c", "c"]) await store.put(`l/${name}`, name);
      const temp = await filled(store, "l/t", ["x"]);
      deepEqual(await store.list("l"), ["l/a", "l/b", "l/c"]);
      deepEqual(await store.listFolders("l"), ["sub"]);
      const all = (await store.listAll("l")).map((stat) => stat.path);
      deepEqual(all, ["l/a", "l/b", "l/c", "l/sub", "l/sub/c", temp.path].sort());
      await temp.remove();
    },
  },
  {
    title: "removes files, and folders with all they hold",
    async run(store) {
      await store.put("r/a/b", "x");
      equal(await store.remove("r/a/b"), true);
      await store.put("r/a/b", "x");
      equal(await store.remove("r"), true);
      equal(await store.stat("r"), null);
    },
  },
  {
    title: "takes an empty folder away, and never one that holds something",
    async run(store) {
      await store.put("e/kept/x", "x");
      await store.put("e/empty/x", "x");
      await store.remove("e/empty/x");
      for (const folder of ["e/kept", "e/empty", "e/empty", "e"]) await store.removeEmpty(folder);
      deepEqual(await store.listFolders("e"), ["kept"]);
      equal(await text(store, "e/kept/x"), "x");
    },
  },
  {
    title: "has a folder of this machine for what is of no other",
    async run(store) {
      await store.machine.put("m/note", "x");
      equal(await readFile(store.machine.absolute("m/note"), "utf8"), "x");
    },
  },
  {
    title: "cannot be led out of its root",
    async run(store) {
      for (const path of ["../x", "/etc/passwd", "a/../../x", "a//b", "./a", "a/\0"]) {
        await rejects(store.put(path, "x"), isFailure("output_unwritable"));
        await rejects(store.read(path), isFailure("output_unwritable"));
      }
    },
  },
  {
    title: "stops reading when it is told to",
    async run(store) {
      await store.put("x", "0123456789");
      const abort = new AbortController();
      abort.abort(new Error("enough"));
      await rejects(joined(store.chunks("x", abort.signal)), /enough/);
    },
  },
  {
    title: "knows how much room there is",
    async run(store) {
      equal((await store.freeBytes()) > 0, true);
    },
  },
];

export async function filled(store: Store, path: string, chunks: readonly string[]): Promise<TempFile> {
  const temp = await store.createTemp(path);
  for (const chunk of chunks) await temp.write(Buffer.from(chunk));
  await temp.sync();
  return temp;
}

export async function text(store: Store, path: string): Promise<string> {
  return Buffer.from((await store.read(path)) ?? []).toString();
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let all = "";
  for await (const chunk of chunks) all += Buffer.from(chunk).toString();
  return all;
}

function isFailure(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Failure && error.code === code;
}
