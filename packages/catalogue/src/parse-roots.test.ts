import { describe, expect, it } from "vitest";
import { parseRoots } from "./parse-roots.ts";

describe("parseRoots", () => {
  it("maps prefixes to folders, with names of the environment in them", () => {
    const braced = "$".concat("{HOME}");
    const text = `roots:\n  academic_source/Charades/: $CHARADES_ROOT/v1\n  NextQA/: ${braced}/next\n  ego4d/: beside\n`;
    expect(parseRoots(text, "/config", { CHARADES_ROOT: "/data", HOME: "/users/me" })).toEqual({
      "academic_source/Charades/": "/data/v1",
      "NextQA/": "/users/me/next",
      "ego4d/": "/config/beside",
    });
    expect(parseRoots("", "/config", {})).toEqual({});
  });

  it.each([
    ["root: {}", /root/],
    ["roots: [a]", /roots/],
    ["roots: { a/: $NOWHERE/x, b/: $NOT_THERE }", /NOWHERE is not set; .*NOT_THERE is not set/],
    ["roots: {", /config\.yaml/],
  ])("refuses %s and says why", (text, message) => {
    expect(() => parseRoots(text, "/config", {})).toThrow(message);
  });
});
