import { type AnnotationRecord, type Dataset, datasetSchema } from "@shardmill/core";
import { composeSampleJson, sampleText } from "../src/index.ts";
import { shipped } from "./shipped.ts";

export function datasetWith(text: unknown, fields: unknown = {}): Dataset {
  return datasetSchema.parse({ ...shipped("openvid-1m"), text, fields });
}

export function record(fields: Record<string, unknown>, set = "records"): AnnotationRecord {
  return { set, fields };
}

/** What is written of the records' text, or the code of the member that is left out. */
export function textOf(dataset: Dataset, ...records: AnnotationRecord[]): unknown {
  const result = sampleText(dataset, records);
  if (result.kind === "rejected") return result.rejection.code;
  const json = composeSampleJson(dataset, {
    part: { subset: null, part: 0 },
    member: "m",
    frameCount: 0,
    text: result.text,
    fields: {},
    media: { kind: "frames" },
  });
  const keys = ["caption", "caption_from", "user", "assistant", "conversations"];
  return Object.fromEntries(Object.entries(JSON.parse(json)).filter(([key]) => keys.includes(key)));
}

export function turn(user: string, assistant: string, system: string | null = null): unknown {
  return { system, user, assistant };
}
