/**
 * What the Croissant format asks for, written from its specification (1.0: "Required" of schema.org/Dataset, FileObject, FileSet,
 * RecordSet, Field; the version that it recommends; IDs are unique and references lead somewhere). A line for each mistake; none where it holds.
 */
export function checkCroissant(value: unknown): string[] {
  const mistakes: string[] = [];
  const root = objectOf(value);
  const need = (holds: boolean, what: string): void => {
    if (!holds) mistakes.push(what);
  };
  need(typeof root["@context"] === "object" && root["@context"] !== null, "@context");
  need(root["@type"] === "sc:Dataset", "@type is schema.org's Dataset");
  need(/^http:\/\/mlcommons\.org\/croissant\/1\.[01]$/.test(String(root.conformsTo)), "conformsTo");
  for (const key of ["name", "description"])
    need(typeof root[key] === "string" && root[key] !== "", `${key} is text`);
  need(isUrl(root.url), "url is a URL");
  need(/^\d{4}-\d{2}-\d{2}/.test(String(root.datePublished)), "datePublished is a date");
  need(/^\d+\.\d+\.\d+$/.test(String(root.version)), "version is three numbers");
  for (const one of listOf(root.license)) need(isUrl(one) || isNamed(one, ["sc:CreativeWork"]), "license");
  need(listOf(root.license).length > 0, "a license");
  const creators = listOf(root.creator);
  need(creators.length > 0, "a creator");
  for (const one of creators)
    need(isNamed(one, ["sc:Person", "sc:Organization"]), "creator is a person or organization");
  const files = listOf(root.distribution).map(objectOf);
  need(files.length > 0, "a distribution");
  const sets = listOf(root.recordSet).map(objectOf);
  const fields = sets.flatMap(({ field }) => listOf(field).map(objectOf));
  const ids = [...files, ...sets, ...fields].map((one) => one["@id"]);
  need(
    ids.every((id) => typeof id === "string" && id !== ""),
    "every node has an @id",
  );
  need(new Set(ids).size === ids.length, "IDs are unique");
  for (const file of files) checkFile(file, ids, need);
  for (const set of sets)
    need(set["@type"] === "cr:RecordSet" && listOf(set.field).length > 0, "a record set has fields");
  for (const field of fields) checkField(field, ids, need);
  return mistakes;
}

type Need = (holds: boolean, what: string) => void;

function checkFile(file: Record<string, unknown>, ids: readonly unknown[], need: Need): void {
  const id = String(file["@id"]);
  need(typeof file.encodingFormat === "string", `${id}: encodingFormat`);
  const inside = listOf(file.containedIn).map((one) => objectOf(one)["@id"]);
  need(
    inside.every((one) => ids.includes(one)),
    `${id}: containedIn leads somewhere`,
  );
  if (file["@type"] === "cr:FileObject") {
    need(typeof file.contentUrl === "string" && file.contentUrl !== "", `${id}: contentUrl`);
    need(/^[0-9a-f]{64}$/.test(String(file.sha256)), `${id}: sha256`);
    need(/^\d+ B$/.test(String(file.contentSize)), `${id}: contentSize`);
  } else {
    need(file["@type"] === "cr:FileSet", `${id}: a FileObject or a FileSet`);
    need(typeof file.includes === "string" && inside.length > 0, `${id}: includes, containedIn`);
  }
}

function checkField(field: Record<string, unknown>, ids: readonly unknown[], need: Need): void {
  const id = String(field["@id"]);
  need(field["@type"] === "cr:Field" && typeof field.name === "string", `${id}: a named Field`);
  need(/^sc:(Text|Integer|Float|Boolean|ImageObject)$/.test(String(field.dataType)), `${id}: dataType`);
  const source = objectOf(field.source);
  const of = objectOf(source.fileSet ?? source.fileObject)["@id"];
  need(ids.includes(of), `${id}: source leads somewhere`);
  const extract = objectOf(source.extract);
  need(typeof (extract.jsonPath ?? extract.fileProperty ?? extract.column) === "string", `${id}: extract`);
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function listOf(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function isUrl(value: unknown): boolean {
  return typeof value === "string" && /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : "");
}

function isNamed(value: unknown, types: readonly string[]): boolean {
  const { "@type": type, name } = objectOf(value);
  return types.includes(String(type)) && typeof name === "string" && name !== "";
}
