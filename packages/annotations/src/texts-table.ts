import { readZipDirectory, streamZipMembers } from "@shardmill/archives";
import { Failure, isAppleDouble, nameForm, stem } from "@shardmill/core";
import { type Table, type TableRow, TableShapeError } from "./table-row.ts";

/** A text beside media is small: what is larger is something else. */
const maxTextBytes = 4 * 1024 * 1024;

/** The files of a zip as records: `name` without folder and extension, and `text`. */
export async function* textsTable({ source, onBytes }: Table, signal: AbortSignal): AsyncGenerator<TableRow> {
  const { entries, leftOut } = await directoryOf(source, signal);
  for (const { name, rejection } of leftOut)
    yield { kind: "bad", place: name, detail: rejection.detail, weight: 1 };
  const texts = entries.filter(({ name }) => !isAppleDouble(name));
  const options = { maxBytes: maxTextBytes, onBytes };
  for await (const member of streamZipMembers(source, texts, options, signal)) {
    const { name } = member;
    if (member.kind === "rejected")
      yield { kind: "bad", place: name, detail: member.rejection.detail, weight: 1 };
    else if (member.content.kind === "file")
      yield {
        kind: "record",
        place: name,
        fields: { name: nameForm(stem(name)), text: new TextDecoder().decode(member.content.bytes) },
        notFinite: 0,
      };
  }
}

async function directoryOf(source: Table["source"], signal: AbortSignal) {
  try {
    return await readZipDirectory(source, signal, { maxBytes: maxTextBytes });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "archive_malformed") throw error;
    throw new TableShapeError(error.message, { cause: error });
  }
}
