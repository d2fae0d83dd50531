import { createHash } from "node:crypto";
import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { duckdbParquet, rewrittenParquet } from "../datasets/fixtures/parquet.ts";
import { samplesByKey, statusOf } from "../support/build-status.ts";
import { shardHashes } from "../support/read-shards.ts";
import { TextHouse } from "../tokens/text-house.ts";

/** Taking samples out: three of a thousand, from the lists at once, from the shards when asked, and never back. */
let house: TextHouse;
const shard = (range: number): string => `smoltalk-p0000-000${range}`;
const key = (row: number): string => `smoltalk-p0000-${String(row).padStart(6, "0")}`;
const gone = [key(7), key(100), key(612)];
const few = ["--set", "samplesPerShard=250"];

beforeAll(async () => {
  const rows = await duckdbParquet(
    `SELECT [{'content': 'Question ' || i, 'role': 'user'}, {'content': 'Answer ' || i, 'role': 'assistant'}] AS messages,
       'o' AS source FROM range(1000) t(i)`,
  );
  house = await TextHouse.open({ "data/all/train-00000-of-00001.parquet": rewrittenParquet(rows, 50) });
  const built = await house.build("smoltalk", few);
  expect(built.code, built.stderr).toBe(0);
  const tokens = await house.tokenize("smoltalk", "tokens", few);
  expect(tokens.code, tokens.stderr).toBe(0);
});
afterAll(() => house.close());

const text = (output: string, path: string): string => readFileSync(join(house.folder(output), path), "utf8");
const keysOf = (output: string): string[] => [...samplesByKey(house.folder(output)).keys()];
const isGone = (output: string): boolean => !keysOf(output).some((one) => gone.includes(one));
/** Of every sample the bytes, and where none of them is withdrawn, the names. */
function bytesOf(output: string): Record<string, string> {
  const samples = [...samplesByKey(house.folder(output)).values()];
  return Object.fromEntries(
    samples.map(({ key: own, fields }) => {
      const hash = createHash("sha256");
      for (const [name, bytes] of fields) hash.update(`${name} ${bytes.length} `).update(bytes);
      return [own, hash.digest("hex")];
    }),
  );
}
async function mustVerify(output: string): Promise<void> {
  const verdict = await house.run("verify", house.folder(output));
  expect(verdict.code, verdict.stdout).toBe(0);
}
async function mustHave(output: string, samples: number, withdrawn: number): Promise<void> {
  const { parts, totals } = await statusOf(output, house.out());
  expect(totals.samples).toBe(samples);
  expect(parts[0]).toMatchObject({ state: "done", packed: samples, members: samples + withdrawn });
  expect(parts[0]?.byCode).toEqual({ withdrawn });
}

describe("withdrawing three samples of a thousand", () => {
  let before: Record<string, string>;
  let hashes: Record<string, string>;

  it("refuses a key that is not there in one line, and does nothing, as a dry run does", async () => {
    before = bytesOf("smoltalk");
    hashes = shardHashes(house.folder("smoltalk"));
    const unknown = await house.run("withdraw", house.folder("smoltalk"), ...gone, key(1000));
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain(`has no sample ${key(1000)}; nothing was withdrawn`);
    const dry = await house.run("withdraw", house.folder("smoltalk"), ...gone, "--rewrite", "--dry-run");
    expect(dry.code, dry.stderr).toBe(0);
    expect(dry.stdout.split("\n")).toEqual([
      ...[7, 100].map((row) => `${key(row)}  ${shard(0)}  row ${row}`),
      `${key(612)}  ${shard(2)}  row 612`,
      `${shard(0)} would be made again`,
      `${shard(2)} would be made again`,
      `3 samples of 2 shards would be withdrawn from ${house.folder("smoltalk")}. Nothing has been done.`,
      "",
    ]);
    expect(existsSync(join(house.folder("smoltalk"), ".shardmill/withdrawn.jsonl"))).toBe(false);
    expect(shardHashes(house.folder("smoltalk"))).toEqual(hashes);
  });

  it("leaves them out of every list at once, and says that tars hold them, which output holds them too, and what of the list is not there", async () => {
    const list = join(house.scratch, "asked.txt");
    writeFileSync(list, [gone[0], key(1000), ...gone.slice(1), "yt:nowhere0000"].join("\n"));
    const done = await house.run(
      ...["withdraw", house.folder("smoltalk"), "--list", list, "--reason", "was asked"],
    );
    expect(done.code, done.stderr).toBe(1);
    expect(done.stderr.split("\n")).toEqual([
      `2 names of ${list} are not in ${house.folder("smoltalk")}, nor kept in mind for what is made later:`,
      `  line 2: no sample ${key(1000)}`,
      "  line 5: no group yt:nowhere0000",
      "",
    ]);
    expect(done.stdout).toContain("2 tars still hold 3 withdrawn samples");
    expect(done.stdout).toContain(
      `tokens, made from this, still holds 3 withdrawn samples: shardmill withdraw`,
    );
    expect(text("smoltalk", "withdrawn.txt").split("\n")).toEqual([...gone, ""]);
    for (const [at, one] of gone.entries())
      expect(text("smoltalk", ".nv-meta/split.yaml")).toContain(`- "${shard(at < 2 ? 0 : 2)}.tar/${one}"`);
    for (const range of [0, 1, 2, 3]) {
      const index = text("smoltalk", `dali/${shard(range)}.idx`);
      expect(gone.filter((one) => index.includes(one))).toEqual([]);
      expect(index.split("\n")[0]).toBe(`v1.2 ${[248, 250, 249, 250][range]}`);
    }
    expect(JSON.parse(text("smoltalk", "build.json"))).toMatchObject({
      samples: 997,
      members: { packed: 997, failed: 0, skipped: 3 },
    });
    expect(text("smoltalk", "README.md")).toContain("not in withdrawn");
    expect(shardHashes(house.folder("smoltalk"))).toEqual(hashes);
    await mustHave("smoltalk", 997, 3);
    await mustVerify("smoltalk");
    expect((await house.run("failures", "smoltalk", "--out", house.out())).stdout).toContain("withdrawn");
  });

  it("makes the shards again without them from their own bytes", async () => {
    const done = await house.run("withdraw", house.folder("smoltalk"), ...gone, "--rewrite");
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toContain("0 samples withdrawn");
    expect(done.stdout).toContain("(3 had been withdrawn before)");
    expect(done.stdout).toContain("2 shards made again");
    const kept = Object.entries(before).filter(([one]) => !gone.includes(one));
    expect(bytesOf("smoltalk")).toEqual(Object.fromEntries(kept));
    const now = shardHashes(house.folder("smoltalk"));
    for (const range of [1, 3]) expect(now[`${shard(range)}.tar`]).toBe(hashes[`${shard(range)}.tar`]);
    expect(existsSync(join(house.folder("smoltalk"), "withdrawn.txt"))).toBe(false);
    expect(text("smoltalk", ".nv-meta/split.yaml")).toContain("exclude: []");
    await mustHave("smoltalk", 997, 3);
    await mustVerify("smoltalk");
    hashes = now;
  });

  it("brings none back when a shard is repaired or all are made again: the bytes are those of the shards that were rewritten", async () => {
    truncateSync(join(house.folder("smoltalk"), `${shard(0)}.tar`), 4096);
    const repaired = await house.run("retry", "smoltalk", "--out", house.out(), "--corrupt");
    expect(repaired.code, repaired.stderr).toBe(0);
    expect(shardHashes(house.folder("smoltalk"))).toEqual(hashes);
    const again = await house.build("smoltalk", [...few, "--rebuild"]);
    expect(again.code, again.stderr).toBe(0);
    expect(shardHashes(house.folder("smoltalk"))).toEqual(hashes);
    await mustHave("smoltalk", 997, 3);
    await mustVerify("smoltalk");
  });

  it("is carried over to an output that was made from it, by one command, and to one that is made later by none", async () => {
    const untold = await house.run("verify", house.folder("tokens"));
    expect(untold.code).toBe(1);
    expect(untold.stdout).toContain("of its samples are withdrawn from tokens or smoltalk, such as");
    const carried = await house.run("withdraw", house.folder("tokens"), "--rewrite");
    expect(carried.code, carried.stderr).toBe(0);
    expect(isGone("tokens")).toBe(true);
    expect(text("tokens", ".shardmill/withdrawn.jsonl").trim().split("\n").length).toBe(3);
    await mustVerify("tokens");
    const later = await house.tokenize("smoltalk", "later", few);
    expect(later.code, later.stderr).toBe(0);
    expect(bytesOf("later")).toEqual(bytesOf("tokens"));
    await mustVerify("later");
  });
});
