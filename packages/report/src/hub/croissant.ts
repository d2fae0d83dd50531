import { layoutOf, plainLines } from "@shardmill/core";
import { licenseTag } from "@shardmill/shards";
import { sourceUrl } from "../document/summary-blocks.ts";
import type { SampleField, SetFacts } from "../facts/set-facts.ts";
import { bibtexOf } from "../references/bibtex.ts";
import { gatherReferences } from "../references/gather-references.ts";
import { safeUrl } from "../render/escape-markup.ts";

/** What the specification asks for and an output does not say. */
export function missingOfCroissant({ facts, dataset, committed }: SetFacts): string[] {
  return [
    ...(sourceUrl(dataset) === null
      ? [`croissant.json of ${facts.name} has no url: give its entry a homepage`]
      : []),
    ...(committed === null ? [`croissant.json of ${facts.name} has no datePublished: it has no shards`] : []),
  ];
}

/**
 * An output in the Croissant format 1.0 (http://mlcommons.org/croissant/1.0): its shards with their sha256, the files in them, and the keys
 * of its samples' JSON. It lies beside the shards, and names them by relative addresses.
 */
export function croissant(set: SetFacts): Record<string, unknown> {
  const { facts, dataset, committed, revisions } = set;
  const url = safeUrl(sourceUrl(dataset) ?? "");
  const references = gatherReferences([{ ...dataset, name: facts.name }]);
  const description = plainLines(dataset.description).trim();
  return {
    "@context": context,
    "@type": "sc:Dataset",
    conformsTo: "http://mlcommons.org/croissant/1.0",
    name: facts.name,
    alternateName: plainLines(dataset.title),
    description: description === "" ? `${plainLines(dataset.title)}, as WebDataset shards.` : description,
    license: licences(set),
    ...(url === null ? {} : { url, sameAs: url }),
    creator: creators(set),
    ...(committed === null
      ? {}
      : {
          datePublished: committed.last.slice(0, 10),
          dateCreated: committed.first.slice(0, 10),
          version: versionOf(committed.last),
        }),
    keywords: ["webdataset", ...revisions.map((revision) => `source revision ${revision}`)],
    ...(references.entries.length === 0 ? {} : { citeAs: references.entries.map(bibtexOf).join("\n") }),
    isLiveDataset: false,
    distribution: [...shardFiles(set), ...fileSets(set)],
    recordSet: recordSets(set),
  };
}

/** Three numbers, as the specification wants them: an output has none of its own, so they are the day of its last shard. */
function versionOf(moment: string): string {
  return moment.slice(0, 10).split("-").map(Number).join(".");
}

/** An address where the licence has one that is known, else its words. */
function licences({ terms, dataset }: SetFacts): unknown {
  const words = [...new Set(terms.map(({ terms: own }) => own.license))];
  const all = (words.length === 0 ? [dataset.license] : words).map((license) =>
    licenseTag(license) === "other" || /^openrail$/i.test(license)
      ? {
          "@type": "sc:CreativeWork",
          name: plainLines(license),
          ...(dataset.terms.url === undefined ? {} : { url: dataset.terms.url }),
        }
      : `https://spdx.org/licenses/${license}.html`,
  );
  return all.length === 1 ? all[0] : all;
}

/** The authors of what is cited; else who owns the repository, or the name of the source. */
function creators({ facts, dataset }: SetFacts): unknown {
  const references = gatherReferences([{ ...dataset, name: facts.name }]);
  const authors = references.entries
    .slice(0, 1)
    .flatMap(({ fields }) => fields.find(([name]) => name === "author")?.[1].split(/\s+and\s+/) ?? [])
    .filter((author) => author !== "others" && author !== "")
    .map((author) => ({
      "@type": "sc:Person",
      name: author.split(/,\s*/).reverse().join(" ").replace(/[{}]/g, ""),
    }));
  if (authors.length > 0) return authors;
  const { source } = dataset;
  const name = source.kind === "hub" ? (source.repo.split("/")[0] ?? source.repo) : dataset.title;
  return { "@type": "sc:Organization", name: plainLines(name) };
}

function shardFiles({ facts }: SetFacts): unknown[] {
  return facts.shards.map(({ shard, bytes, sha256 }) => ({
    "@type": "cr:FileObject",
    "@id": `${shard}.tar`,
    name: `${shard}.tar`,
    contentUrl: `${shard}.tar`,
    contentSize: `${bytes} B`,
    encodingFormat: "application/x-tar",
    sha256,
  }));
}

function fileSets({ facts }: SetFacts): unknown[] {
  if (facts.shards.length === 0) return [];
  const containedIn = facts.shards.map(({ shard }) => ({ "@id": `${shard}.tar` }));
  const of = (id: string, encodingFormat: string, includes: string): unknown => ({
    "@type": "cr:FileSet",
    "@id": id,
    name: id,
    containedIn,
    encodingFormat,
    includes,
  });
  return [
    of("sample-json", "application/json", "*.json"),
    ...(hasPictureFiles(facts) ? [of("sample-frames", "image/jpeg", "*.jpg")] : []),
  ];
}

/** Of samples whose pictures lie in one file there is no file that is a picture. */
function hasPictureFiles({ sums, recipe }: SetFacts["facts"]): boolean {
  return sums.frames > 0 && layoutOf(recipe)?.kind !== "packed";
}

const dataTypes: Readonly<Record<SampleField["type"], string>> = {
  text: "sc:Text",
  integer: "sc:Integer",
  float: "sc:Float",
  boolean: "sc:Boolean",
};

function recordSets({ facts, fields }: SetFacts): unknown[] {
  const samples = fields.map(({ name, type, isList }) => ({
    "@type": "cr:Field",
    "@id": `samples/${name}`,
    name,
    dataType: dataTypes[type],
    ...(isList ? { repeated: true } : {}),
    source: { fileSet: { "@id": "sample-json" }, extract: { jsonPath: `$.${name}` } },
  }));
  const frames = {
    "@type": "cr:RecordSet",
    "@id": "frames",
    name: "frames",
    description:
      "The pictures of all samples; what stands before the first dot of a name is the sample's key.",
    field: [
      fileField("frames/name", "sc:Text", "filename"),
      fileField("frames/image", "sc:ImageObject", "content"),
    ],
  };
  return [
    ...(samples.length === 0
      ? []
      : [
          {
            "@type": "cr:RecordSet",
            "@id": "samples",
            name: "samples",
            description: "The JSON of each sample.",
            field: samples,
          },
        ]),
    ...(hasPictureFiles(facts) ? [frames] : []),
  ];
}

function fileField(id: string, dataType: string, fileProperty: string): unknown {
  return {
    "@type": "cr:Field",
    "@id": id,
    name: id.split("/")[1],
    dataType,
    source: { fileSet: { "@id": "sample-frames" }, extract: { fileProperty } },
  };
}

/** As the specification recommends it (appendix 1). */
const context = {
  "@language": "en",
  "@vocab": "https://schema.org/",
  citeAs: "cr:citeAs",
  column: "cr:column",
  conformsTo: "dct:conformsTo",
  cr: "http://mlcommons.org/croissant/",
  data: { "@id": "cr:data", "@type": "@json" },
  dataType: { "@id": "cr:dataType", "@type": "@vocab" },
  dct: "http://purl.org/dc/terms/",
  examples: { "@id": "cr:examples", "@type": "@json" },
  extract: "cr:extract",
  field: "cr:field",
  fileObject: "cr:fileObject",
  fileProperty: "cr:fileProperty",
  fileSet: "cr:fileSet",
  format: "cr:format",
  includes: "cr:includes",
  isLiveDataset: "cr:isLiveDataset",
  jsonPath: "cr:jsonPath",
  key: "cr:key",
  md5: "cr:md5",
  parentField: "cr:parentField",
  path: "cr:path",
  rai: "http://mlcommons.org/croissant/RAI/",
  recordSet: "cr:recordSet",
  references: "cr:references",
  regex: "cr:regex",
  repeated: "cr:repeated",
  replace: "cr:replace",
  sc: "https://schema.org/",
  separator: "cr:separator",
  source: "cr:source",
  subField: "cr:subField",
  transform: "cr:transform",
};
