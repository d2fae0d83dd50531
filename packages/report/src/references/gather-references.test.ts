import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { bibtexOf, parseBibtex } from "./bibtex.ts";
import { gatherReferences } from "./gather-references.ts";

const config = new URL("../../../../config/", import.meta.url);
const entries = ["datasets", "models", "architectures"].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, config)).map((file) => {
    const {
      name,
      citation = "",
      bibtex = "",
    } = parse(readFileSync(new URL(`${folder}/${file}`, config), "utf8")) as {
      name: string;
      citation?: string;
      bibtex?: string;
    };
    return { name, citation, bibtex };
  }),
);

it("the shipped entries have the keys that papers cite, each once", () => {
  const { entries: found, problems } = gatherReferences(entries);
  expect(problems).toEqual([]);
  const keys = found.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toEqual(
    expect.arrayContaining([
      ...[
        "nan2025openvid",
        "laurencon2024matters",
        "benallal2025smollm2",
        "zhang2024llava_video",
        "ren2025vista",
      ],
      ...[
        "chen2024sharegpt4video",
        "yang2024vript",
        "yu2025rlaifv",
        "oquab2024dinov2",
        "marafioti2025smolvlm",
      ],
      ...["li2024mvbench", "fu2025videomme", "zhou2024mlvu"],
    ]),
  );
});

it("what is written is read again as it was", () => {
  const { entries: found } = gatherReferences(entries);
  expect(parseBibtex(found.map(bibtexOf).join("\n\n"))).toEqual(found);
});

it("values in braces, quotes and bare are read; accents and nested braces stay", () => {
  expect(
    parseBibtex('@Book{k:1, Title = "A {Quoted} {\\"u}", year=2024, month = jan,\n note={a {b} c},}'),
  ).toEqual([
    {
      type: "book",
      key: "k:1",
      fields: [
        ["title", 'A {Quoted} {\\"u}'],
        ["year", "2024"],
        ["month", "jan"],
        ["note", "a {b} c"],
      ],
    },
  ]);
});

it.each([
  "@article{a, title={open}",
  "@article{a, title={x}} trailing words",
  "@article{a}",
  "@article{a b, title={x}}",
  "@article{a, title={x}} }",
  "@article{a, title={}} @string{x = {y}",
  "just text",
])("%s is no BibTeX that may stand beside others, and is told", (bibtex) => {
  const { entries: found, problems } = gatherReferences([{ name: "set", citation: "", bibtex }]);
  expect(found).toEqual([]);
  expect(problems).toEqual(["the BibTeX of set cannot be read and is left out"]);
});

it("doubles are one; two entries of one key are told", () => {
  const of = (name: string, title: string) => ({
    name,
    citation: "One.",
    bibtex: `@misc{same, title={${title}}}`,
  });
  const {
    citations,
    entries: found,
    problems,
  } = gatherReferences([of("a", "T"), of("b", "T"), of("c", "U")]);
  expect(citations).toEqual([{ text: "One.", names: ["a", "b", "c"] }]);
  expect(found).toHaveLength(1);
  expect(problems).toEqual(["the BibTeX of c has another entry same than a, which is taken"]);
});
