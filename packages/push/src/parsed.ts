import { Failure } from "@shardmill/core";
import type { HubRepo } from "@shardmill/sources";
import type { z } from "zod";

/** An answer of the Hub as it should be; another one may be right when it is asked again. */
export function parsed<T extends z.ZodType>({ name }: HubRepo, schema: T, value: unknown): z.output<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new Failure("source_invalid", `hub:${name}: an answer that is not of the Hub's form`);
}
