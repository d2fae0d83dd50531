import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { partsByLabel, samplesByKey } from "../support/build-status.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { shardmill } from "../support/shardmill.ts";
import { duckdbParquet, quoted } from "./fixtures/parquet.ts";
import { makePictures } from "./fixtures/pictures.ts";

const docs = await readFile(new URL("../../docs/datasets.md", import.meta.url), "utf8");
const [, entry = ""] = /```yaml\n(name: clevr-math\n.*?)```/s.exec(docs) ?? [];

let scratch: string;
let hub: HubStandIn;

/** As upstream: no bytes, and a path of its authors' machine. */
function rowOf(picture: string, question: string): string {
  const path = `/fsx/m4/datasets/downloads/extracted/ab12/CLEVR_v1.0/images/train/${picture}`;
  return `SELECT [{'bytes': NULL::BLOB, 'path': ${quoted(path)}}] AS images,
    [{'user': ${quoted(question)}, 'assistant': ${quoted(`Answer: to ${question}`)}, 'source': 'CLEVR-Math'}] AS texts`;
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-elsewhere-"));
  const rows = [
    rowOf("CLEVR_train_000000.png", "How many?"),
    rowOf("CLEVR_train_000001.png", "Which colour?"),
    rowOf("CLEVR_train_000000.png", "How many are left?"),
    rowOf("CLEVR_train_999999.png", "What of this?"),
  ];
  hub = await startHubStandIn({
    repo: "HuggingFaceM4/the_cauldron",
    files: {
      "clevr_math/train-00000-of-00001-ab12.parquet": await duckdbParquet(rows.join(" UNION ALL ")),
    },
  });
  const pictures = await makePictures(3);
  const names = ["train/CLEVR_train_000000.png", "train/CLEVR_train_000001.png", "val/CLEVR_val_000000.png"];
  await writeFiles(
    join(scratch, "clevr"),
    new Map(names.map((name, at) => [`images/${name}`, pictures[at] ?? Buffer.of()])),
  );
  await mkdir(join(scratch, "config/shardmill/datasets"), { recursive: true });
  await writeFile(join(scratch, "config/shardmill/datasets/clevr-math.yaml"), entry);
});
afterAll(async () => {
  await hub.close();
  await rm(scratch, { recursive: true, force: true });
});

it("pictures that rows only name are those of a folder, joined by what stands inside the rows", async () => {
  const out = join(scratch, "out");
  const ended = await shardmill(["build", "clevr-math", "--source", join(scratch, "clevr"), "--out", out], {
    XDG_CONFIG_HOME: join(scratch, "config"),
    HF_ENDPOINT: hub.endpoint,
  });
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect(ended.stdout).toContain("1 annotation unmatched");
  expect(await partsByLabel("clevr-math", out)).toMatchObject({
    p0000: { members: 3, packed: 2, skipped: 1, byCode: { no_annotation: 1 } },
  });
  const [first, second] = [...samplesByKey(join(out, "clevr-math")).values()];
  expect(first?.json).toMatchObject({
    source: "cauldron/clevr_math",
    member: "images/train/CLEVR_train_000000.png",
    frame_count: 1,
    user: "How many?",
  });
  expect(first?.json.conversations).toHaveLength(2);
  expect(second?.json).toMatchObject({ user: "Which colour?", assistant: "Answer: to Which colour?" });
});
