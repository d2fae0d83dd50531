import { Failure } from "@shardmill/core";
import { expect, it } from "vitest";
import { jobFailureOf, jobFailureText, parseJobFailure } from "./job-failure.ts";

it("a failure survives its way through Redis", () => {
  const failure = new Failure("shard_invalid", "expected 3 keys, found 2", { where: { shard: "s" } });
  expect(parseJobFailure(jobFailureText(jobFailureOf(failure)))).toEqual({
    code: "shard_invalid",
    message: "expected 3 keys, found 2",
    where: { shard: "s" },
  });
});

it("a bug has no code, and a code of a later version is none", () => {
  expect(parseJobFailure(jobFailureText(jobFailureOf(new TypeError("x"))))).toEqual({
    code: null,
    message: "TypeError: x",
    where: {},
  });
  expect(parseJobFailure('{"code":"of_the_future","message":"m","where":{}}').code).toBeNull();
});

it("a reason that BullMQ wrote means that the worker was lost too often", () => {
  expect(parseJobFailure("job stalled more than allowable limit")).toEqual({
    code: "worker_lost",
    message: "job stalled more than allowable limit",
    where: {},
  });
});
