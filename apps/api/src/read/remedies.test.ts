import { type Code, codes } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { requestCodes } from "../secure/api-problem.ts";
import { remedyOf } from "./remedies.ts";

/** Options, verbs with their arguments and variables of a shell: whoever looks at a page has none of them at hand. */
const ofACommandLine =
  /--|`|\$|\bshardmill [a-z]|\b(?:run|the) (?:the )?(?:command|doctor)\b|\b[A-Z]+_[A-Z]+\b/;

describe("remedies that the service tells", () => {
  it.each((Object.keys(codes) as Code[]).map((code) => [code, remedyOf(code)]))(
    "are not in words of the command line: %s",
    (_, remedy) => expect(remedy).not.toMatch(ofACommandLine),
  );

  it.each(Object.entries(requestCodes).map(([code, { remedy }]) => [code, remedy]))("%s", (_, remedy) =>
    expect(remedy).not.toMatch(ofACommandLine),
  );
});
