import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { checkCroissant } from "../testing/check-croissant.ts";
import { aSet } from "../testing/set-facts.ts";
import type { ReportInput } from "./document/report-input.ts";
import { reportFiles } from "./report-files.ts";

const evil = '<script>alert(1)</script> | `x` "> ![a](http://b/c) --- \u202E\u0000\n# no heading';

function textsOf(over: Partial<ReportInput>): ReadonlyMap<string, string> {
  return reportFiles({ mixes: [], sets: [], models: [], ...over }).texts;
}

function yes(name: string) {
  return aSet({ name, title: name.toUpperCase(), terms: { commercial: "yes", redistribution: "yes" } });
}

describe("a report", () => {
  it("has the same bytes for the same facts", () => {
    const texts = (): string[] => [...textsOf({ sets: [yes("aa"), yes("bb")] })].flat();
    expect(texts()).toEqual(texts());
  });

  it("tells every figure of a set", () => {
    const text = textsOf({ sets: [yes("aa")] }).get("report.md") ?? "";
    expect(text).toContain(
      "| `aa` | video, captions | training | 2 | 5 | 1.00 | 10.2 kB | 1 | CC-BY-4.0 | yes |",
    );
    expect(text).toContain("4 = 2 packed (50.0 %) + 1 failed + 1 skipped");
    expect(text).toMatch(/\| `decode_error` \| failed \| .+ \| 1 \| 25.0 % \|/);
    expect(text).toContain("2025-01-01 to 2025-01-02");
  });

  it("says for how many shards hours are unknown", () => {
    const { facts, ...set } = yes("aa");
    const shards = facts.shards.map((shard) => ({ ...shard, durationMs: null }));
    const untimed = { ...set, facts: { ...facts, shards, sums: { ...facts.sums, durationMs: null } } };
    const text = textsOf({ sets: [untimed] }).get("report.md") ?? "";
    expect(text).toContain("| 2 | 5 | unknown | 10.2 kB |");
    expect(text).toContain("**Hours of video:** unknown, since 1 of 1 shard were made before");
  });

  it("shows what samples of texts begin with", () => {
    const key = "toy-p0000-000000";
    const texts = textsOf({ sets: [{ ...yes("aa"), sheetTexts: [{ key, text: "<script> | `x`" }] }] });
    expect(texts.get("report.md")).toContain(`| \`${key}\` | &lt;script&gt; \\| \\\`x\\\` |`);
    expect(texts.get("report.html")).toContain("<td>&lt;script&gt; | `x`</td>");
    expect(texts.get("report.md")).not.toContain("sheet.png");
  });

  it("calls what is not finished a draft, in every form", () => {
    const set = yes("aa");
    const texts = textsOf({ sets: [{ ...set, facts: { ...set.facts, unfinished: ["p0001 is missing"] } }] });
    expect(texts.get("report.md")).toMatch(/^# Data provenance \(draft: not finished\)/);
    expect(texts.get("report.html")).toContain("aa is not finished: p0001 is missing");
    expect(texts.get("sets/aa/README.md")).toContain("**Not finished:**");
  });
});

describe("the licence analysis", () => {
  const no = aSet({
    name: "closed",
    terms: { commercial: "no", redistribution: "no" },
    license: "academic use only",
  });
  const unknown = aSet({ name: "dim", terms: {} });

  it("forbids together what one set forbids, and names what must go, what stays, what that costs", () => {
    const text = textsOf({ sets: [yes("open"), no, unknown] }).get("report.md") ?? "";
    expect(text).toContain(
      "**All training sets together: non-commercial use only.** Academic use only, because of closed.",
    );
    expect(text).toContain("**For a commercial model leave out:** closed, whose terms forbid it.");
    expect(text).toContain("**Leave out as well, until their terms are known:** dim.");
    expect(text).toContain("**What remains:** open: 2 of 6 samples (33.3 %), 1.00 h of video.");
    expect(text).toContain("May not be redistributed: closed. Not known to be redistributable: dim.");
  });

  it("takes unknown for no yes, and leaves out evaluation sets", () => {
    const alone = textsOf({ sets: [yes("open"), unknown] }).get("report.md");
    expect(alone).toContain("commercial use is not known to be allowed");
    const evaluated = aSet({ name: "bench", purpose: "eval", terms: { commercial: "no" } });
    const text = textsOf({ sets: [yes("open"), evaluated] }).get("report.md");
    expect(text).toContain("All training sets together: commercial use is allowed");
  });
});

describe("hostile text", () => {
  const set = aSet({
    title: evil,
    description: evil,
    license: evil,
    licenseNote: evil,
    citation: evil,
    odd: [evil],
    terms: { requires: [evil], url: "http://example.org/|)`<x>" },
    bibtex: "@article{evil, title={</pre><script>`````bibtex}}",
  });
  const texts = textsOf({
    sets: [{ ...set, remarks: [{ code: "trailing_bytes", detail: evil, count: 1 }] }],
  });

  it("is shown as it is in HTML, which has no script and a policy", () => {
    const html = texts.get("report.html") ?? "";
    expect(html).not.toMatch(/<script|<img src="http|\u202E|\0|javascript:/i);
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toMatch(/http-equiv="Content-Security-Policy" content="default-src 'none';/);
    for (const [path, svg] of texts) if (path.endsWith(".svg")) expect(svg).not.toContain("<script");
  });

  it("breaks neither tables, nor fences, nor headings of Markdown", () => {
    const text = texts.get("report.md") ?? "";
    // Within a fence nothing is markup.
    expect(text.slice(0, text.indexOf("``````bibtex"))).not.toMatch(/<script|^# no heading/m);
    const rows = text.split("\n").filter((line) => line.startsWith("| `toy` | video, captions"));
    expect(rows).toHaveLength(1);
    // Eleven cells: bars of the text are escaped.
    expect(rows[0]?.match(/(?<!\\)\|/g)).toHaveLength(12);
    expect(text).toContain("``````bibtex\n@article{evil,");
  });

  it("leaves the card's front matter and the Croissant file whole", () => {
    const card = texts.get("sets/toy/README.md") ?? "";
    const front = parse(card.split(/^---$/m)[1] ?? "") as Record<string, unknown>;
    expect(Object.keys(front)).toEqual([
      ...["pretty_name", "license", "license_name", "license_link"],
      ...["task_categories", "size_categories", "tags"],
    ]);
    expect(front).toMatchObject({ license: "other", size_categories: ["n<1K"] });
    expect(front.license_name).toMatch(/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/);
    expect(checkCroissant(JSON.parse(texts.get("sets/toy/croissant.json") ?? ""))).toEqual([]);
  });
});

it.each(["no", "1e3", "1:20", "- x", "a: b", "2025-01-01", "~", "x\u2028- y: 1", "# none", "'", "{a", "<<"])(
  "a title %j is a text to every reader of the card's front matter",
  (title) => {
    const front = textsOf({ sets: [aSet({ title })] })
      .get("sets/toy/README.md")
      ?.split(/^---$/m)[1];
    const expected = title.replace("\u2028", " ");
    for (const version of ["1.1", "1.2"] as const)
      expect(parse(front ?? "", { version })).toMatchObject({ pretty_name: expected });
  },
);

describe("a Croissant file", () => {
  it("holds what the specification requires", () => {
    const value: unknown = JSON.parse(textsOf({ sets: [yes("aa")] }).get("sets/aa/croissant.json") ?? "");
    expect(checkCroissant(value)).toEqual([]);
    expect(value).toMatchObject({
      name: "aa",
      license: "https://spdx.org/licenses/CC-BY-4.0.html",
      datePublished: "2025-01-02",
      version: "2025.1.2",
    });
  });

  it("is told to lack what nobody knows, and the check finds it", () => {
    const set = aSet({ homepage: undefined });
    const { texts, notes } = reportFiles({ mixes: [], sets: [set], models: [] });
    expect(notes).toEqual(["croissant.json of toy has no url: give its entry a homepage"]);
    expect(checkCroissant(JSON.parse(texts.get("sets/toy/croissant.json") ?? ""))).toEqual(["url is a URL"]);
  });
});
