import { describe, expect, it } from "vitest";
import { lastWords } from "./last-words.ts";

describe("the last words of a worker", () => {
  it.each([
    [
      "its own refusal",
      '{"level":30,"msg":"hello"}\nshardmill: /etc/config.yaml: expected roots (wrong_use)\n',
      "/etc/config.yaml: expected roots (wrong_use)",
    ],
    [
      "the error above a stack",
      "node:internal/modules/cjs/loader:1228\n  throw err;\n  ^\n\nError: Cannot find module '/x/y'\n    at one\n    at two {\n  code: 'MODULE_NOT_FOUND'\n}\n\nNode.js v20.1\n",
      "Error: Cannot find module '/x/y'",
    ],
    [
      "the error of a bug",
      "shardmill: this is a bug in Shardmill; please report it.\nTypeError: x is not a function\n    at one\n",
      "TypeError: x is not a function",
    ],
    ["a mistake in its words", "error: unknown option '--x'\n(see --help)\n", "error: unknown option '--x'"],
    ["what Node refuses", "/usr/bin/node: bad option: --nonsense\n", "/usr/bin/node: bad option: --nonsense"],
    ["whatever came last", "Segmentation fault\n", "Segmentation fault"],
    ["control characters never", "Error: \u001b[2Jgone\n", "Error: �[2Jgone"],
  ])("are %s", (_, output, expected) => {
    expect(lastWords(output)).toBe(expected);
  });

  it("are none where it said nothing", () => {
    expect(lastWords('{"level":30,"msg":"hello"}\n')).toBeNull();
    expect(lastWords("")).toBeNull();
  });
});
