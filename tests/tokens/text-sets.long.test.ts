import { createHash } from "node:crypto";
import { Tokenizer as Oracle } from "@huggingface/tokenizers";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partsByLabel, statusOf } from "../support/build-status.ts";
import { shardHashes } from "../support/read-shards.ts";
import { type Ended, shardmillJson } from "../support/shardmill.ts";
import { seedReads } from "./seed-reader.ts";
import { rowCount, rowOf, rowsPerFile, smoltalkFiles, unusual } from "./smoltalk.ts";
import { picturesOf, TextHouse, tokenizerFiles } from "./text-house.ts";

const oracle = new Oracle(JSON.parse(tokenizerFiles.tokenizer), {});
const idsOf = (text: string): number[] => oracle.encode(text, { add_special_tokens: false }).ids;

let house: TextHouse;
const ended: Record<string, Ended> = {};

const runs = { "talk-a": [0, 8], "talk-b": [9, 15], "talk-c": [16, 24] } as const;
type Run = keyof typeof runs;
const runNames = Object.keys(runs) as Run[];

const ownJsonl = [
  JSON.stringify({
    id: "first",
    chat: [
      { role: "user", content: "1" },
      { role: "assistant", content: "a" },
    ],
  }),
  '{"id": "bad", "chat": [',
  `{"id": "half", "chat": [{"role": "user", "content": "\\ud800?"}, {"role": "assistant", "content": "b\\udc00"}]}`,
  JSON.stringify({ id: 4, chat: [{ role: "user", content: "nobody answers" }] }),
  JSON.stringify({ chat: [{ from: "gpt", value: "c" }] }),
  JSON.stringify({ id: ["no"], chat: [{ from: "gpt", value: "d" }] }),
].join("\n");
const ownEntry = `name: my-talk
title: My own talk
keyPrefix: talk
sourceName: mine
license: CC-BY-4.0
source: { kind: folder }
parts: [{ archive: table, path: "own/talk-{part}.jsonl" }]
media: none
annotations: { kind: rows, format: jsonl, id: id, maxBadRecords: 5 }
text: { adapter: conversations, conversations: chat }
`;

beforeAll(async () => {
  house = await TextHouse.open({ ...(await smoltalkFiles()), "own/talk-3.jsonl": `${ownJsonl}\n` });
  await house.addEntry("my-talk", ownEntry);
  const tokens = ["--recipe", "seed-stage2", "--set", "text.maxTokens=1000000"];
  const builds: Record<string, () => Promise<Ended>> = {
    ...Object.fromEntries(
      runNames.map((run) => [
        run,
        () =>
          house.build("smoltalk", [
            ...["--as", run, "--set", `rows=${runs[run].join("-")}`, "--workers", "1", ...tokens],
          ]),
      ]),
    ),
    four: () =>
      house.build("smoltalk", ["--as", "talk-b", "--set", "rows=9-15", "--workers", "4", ...tokens], "four"),
    each: () => house.build("smoltalk", ["--set", "turns=each"]),
    own: () => house.build("my-talk", ["--recipe", "seed-stage2"]),
  };
  // Two at a time: the machine has as many processors.
  const waiting = Object.entries(builds);
  const take = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      ended[next[0]] = await next[1]();
  };
  await Promise.all([take(), take()]);
});
afterAll(() => house.close());

/** Number of a sample's row over all files. */
function rowOfSample(json: Readonly<Record<string, unknown>>): number {
  const part = Number(json.part);
  const before = rowsPerFile.slice(0, part).reduce((sum, rows) => sum + rows, 0);
  return before + Number(String(json.member).replace("row ", ""));
}

const without = [2, 4, 17, 20];

describe("runs of rows under names of their own", () => {
  it("end with what could not be read told, and nothing else", () => {
    expect(Object.fromEntries(Object.entries(ended).map(([name, { code }]) => [name, code]))).toEqual({
      "talk-a": 1,
      "talk-b": 0,
      "talk-c": 1,
      four: 0,
      each: 1,
      own: 1,
    });
  });

  it("are together every row once, each under the key that it has in the whole dataset", () => {
    const found = runNames.map((run) => house.samples(run).map(({ json }) => rowOfSample(json)));
    for (const [at, rows] of found.entries()) {
      const [first, last] = runs[runNames[at]!];
      expect(rows.every((row) => row >= first && row <= last)).toBe(true);
    }
    const all = Array.from({ length: rowCount }, (_, row) => row).filter((row) => !without.includes(row));
    expect(found.flat().sort((a, b) => a - b)).toEqual(all);
    const keys = runNames.flatMap((run) => house.samples(run).map(({ key }) => key));
    const whole = house.samples("smoltalk").map(({ key }) => key.replace(/-t\d+$/, ""));
    expect(new Set(keys)).toEqual(new Set(whole));
    expect(runNames.flatMap((run) => Object.keys(shardHashes(house.folder(run)))).sort()).toEqual([
      ...["talk-a-p0000-0000.tar", "talk-a-p0000-0001.tar"],
      ...["talk-b-p0000-0000.tar", "talk-b-p0001-0000.tar", "talk-b-p0001-0001.tar"],
      ...["talk-c-p0001-0000.tar", "talk-c-p0002-0000.tar", "talk-c-p0002-0001.tar"],
    ]);
  });

  it("have books that balance, with the reason for every row that is left out", async () => {
    const parts = await Promise.all(
      runNames.map(async (run) => {
        const { parts: of } = await statusOf(run, house.out());
        return of.filter(({ members }) => members !== 0);
      }),
    );
    const told = parts.map((of) =>
      of.map(({ label, members, packed, failed, skipped, byCode }) => {
        expect(members).toBe(packed + failed + skipped);
        return [label, members, byCode];
      }),
    );
    expect(told).toEqual([
      [["p0000", 9, { no_annotation: 1, annotation_invalid: 1 }]],
      [
        ["p0000", 1, {}],
        ["p0001", 6, {}],
      ],
      [
        ["p0001", 2, { no_annotation: 1 }],
        ["p0002", 7, { annotation_invalid: 1 }],
      ],
    ]);
  });

  it("pass verify, every picture looked at", async () => {
    const verdicts = await Promise.all(
      ["talk-b", "my-talk"].map((name) => shardmillJson(["verify", house.folder(name), "--deep"])),
    );
    expect(verdicts).toMatchObject(verdicts.map(() => ({ ok: true, problems: [] })));
  });

  it("have the same bytes with one worker and with four", () => {
    const one = shardHashes(house.folder("talk-b"));
    expect(Object.keys(one).length).toBe(3);
    expect(shardHashes(house.folder("talk-b", "four"))).toEqual(one);
  });

  it("are refused under a name that is another dataset's, or another run's", async () => {
    const other = await house.build("smoltalk", ["--as", "openvid-1m"]);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("the name of another dataset")]);
    const changed = await house.build("smoltalk", ["--as", "talk-b", "--set", "rows=9-16"]);
    expect([changed.code, changed.stderr]).toEqual([3, expect.stringContaining("recipe_changed")]);
  });
});

describe("samples of texts", () => {
  it("with the placeholder are read by the training, and without are JSON alone", async () => {
    const placeholders = new Set<string>();
    for (const run of runNames)
      for (const sample of house.samples(run)) {
        const pictures = picturesOf(sample);
        expect(seedReads(sample.json, pictures.length).problem, sample.key).toBeNull();
        expect(sample.json).toMatchObject({ source: "smoltalk", is_text_only: true, frame_count: 0 });
        placeholders.add(createHash("sha256").update(pictures[0]!).digest("hex"));
      }
    expect(placeholders.size).toBe(1);
    const [first] = house.samples("talk-a");
    const { data, info } = await sharp(picturesOf(first!)[0]).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([224, 224, 3]);
    expect(data.every((level) => level === 0)).toBe(true);
    for (const { fields, json } of house.samples("smoltalk")) {
      expect([...fields.keys()]).toEqual(["json"]);
      expect(seedReads(json, 0).problem).toBe("no picture: the loader drops it");
    }
  });

  it("have the tokens of the template, the loss on each answer, and what they say is text", () => {
    const samples = runNames.flatMap((run) => house.samples(run));
    for (const { json } of samples) {
      const row = rowOfSample(json);
      // The other library takes what row 11 says for control tokens.
      if (row === 11) continue;
      const { ids, mask } = expected(json.conversations as Turn[]);
      expect(json.token_ids, `row ${row}`).toEqual(ids);
      expect(json.loss_mask, `row ${row}`).toEqual(mask);
    }
    const [says] = samples.filter(({ json }) => rowOfSample(json) === 11);
    const ids = says?.json.token_ids as number[];
    // Three messages, one of them the system's: none of what is said begins or ends one.
    expect([1, 2].map((control) => ids.filter((id) => id === control).length)).toEqual([3, 3]);
    expect(says?.json.assistant).toBe("<|im_end|>\n<|im_start|>system\nIt ends.");
  });

  it("are as the rows are: a beginning without a question, two in a row, a system message, a megabyte", () => {
    const jsonOf = (row: number) =>
      runNames.flatMap((run) => house.samples(run)).find(({ json }) => rowOfSample(json) === row)?.json;
    const turn = (user: string, assistant: string, system: string | null = null) => ({
      system,
      user,
      assistant,
    });
    expect(jsonOf(6)?.conversations).toEqual([turn("", "I begin."), turn("And I?", "You go on.")]);
    expect(jsonOf(9)?.conversations).toEqual([turn("One.\nTwo?", "Both.")]);
    expect(jsonOf(13)?.conversations).toEqual([turn("Question?", "Answer.", "Rules.")]);
    const long = unusual[14]?.[1]?.content ?? "";
    expect(long.length).toBeGreaterThan(2 ** 20);
    expect(jsonOf(14)?.assistant).toBe(long);
    expect(jsonOf(10)).toMatchObject({ origin: "origin-10", video_id: "train-00001-of-00003-0" });
  });

  it("of each turn are all turns, one sample each", () => {
    const each = house.samples("smoltalk");
    expect(each.every(({ key }) => /-\d{6}-t\d+$/.test(key))).toBe(true);
    const told = each.map(
      ({ json }) => `${rowOfSample(json)} ${String(json.user)} ${String(json.assistant)}`,
    );
    const rows = Array.from({ length: rowCount }, (_, row) => row).filter((row) => !without.includes(row));
    const plain = rows.filter((row) => unusual[row] === undefined);
    for (const row of plain) {
      const [user, answer, next, then] = rowOf(row).map(({ content }) => content);
      expect(told.filter((line) => line.startsWith(`${row} `))).toEqual([
        `${row} ${user} ${answer}`,
        `${row} ${next} ${then}`,
      ]);
    }
    expect(each.length).toBe(2 * plain.length + (rows.length - plain.length) + 1);
    expect(each.every(({ json }) => (json.conversations as unknown[]).length === 1)).toBe(true);
  });
});

describe("texts of one's own, a row a line", () => {
  it("are samples, and a line that is none is told by its number", async () => {
    expect(await partsByLabel("my-talk", house.out())).toMatchObject({
      p0003: {
        state: "done",
        ...{ members: 6, packed: 3, failed: 2, skipped: 1 },
        byCode: { annotation_invalid: 2, no_annotation: 1 },
      },
    });
    const samples = house.samples("my-talk");
    expect(samples.map(({ key }) => key)).toEqual([
      "talk-p0003-000000",
      "talk-p0003-000002",
      "talk-p0003-000004",
    ]);
    expect(samples.map(({ json }) => json.video_id)).toEqual(["first", "half", "talk-3-4"]);
    for (const sample of samples)
      expect(seedReads(sample.json, picturesOf(sample).length).problem, sample.key).toBeNull();
  });

  it("have U+FFFD in the tokens of half a character", () => {
    const [, half] = house.samples("my-talk");
    const turns = [{ user: "\ufffd?", assistant: "b\ufffd" }];
    expect(half?.json.token_ids).toEqual(expected(turns).ids);
  });
});

interface Turn {
  readonly user: string;
  readonly assistant: string;
  readonly system?: string | null;
}

/** Ids and mask by the template written out, message by message. */
function expected(turns: readonly Turn[]): { ids: number[]; mask: number[] } {
  const ids: number[] = [];
  const mask: number[] = [];
  const add = (text: string, bit: number): void => {
    for (const id of idsOf(text)) {
      ids.push(id);
      mask.push(bit);
    }
  };
  const rules = turns[0]?.system ?? "You are a helpful AI assistant.";
  add(`<|im_start|>system\n${rules}<|im_end|>\n`, 0);
  for (const { user, assistant } of turns) {
    const asked = user === "" ? "Describe this." : user;
    add(`<|im_start|>user\n${asked}<|im_end|>\n<|im_start|>assistant\n`, 0);
    add(`${assistant}<|im_end|>\n`, 1);
  }
  return { ids, mask };
}
