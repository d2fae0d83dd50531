import { termsOf } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { shipped } from "../testing/shipped.ts";
import { parseConfig, withOwnTerms } from "./parse-config.ts";

describe("a user's config", () => {
  it("maps prefixes to folders, with names of the environment in them", () => {
    const braced = "$".concat("{HOME}");
    const text = `roots:\n  academic_source/Charades/: $CHARADES_ROOT/v1\n  NextQA/: ${braced}/next\n  ego4d/: beside\n`;
    expect(parseConfig(text, "/config", { CHARADES_ROOT: "/data", HOME: "/users/me" }).roots).toEqual({
      "academic_source/Charades/": "/data/v1",
      "NextQA/": "/users/me/next",
      "ego4d/": "/config/beside",
    });
    expect(parseConfig("", "/config", {})).toEqual({ roots: {}, terms: {}, notify: { hosts: [] } });
  });

  it.each([
    ["root: {}", /root/],
    ["roots: [a]", /roots/],
    ["roots: { a/: $NOWHERE/x, b/: $NOT_THERE }", /NOWHERE is not set; .*NOT_THERE is not set/],
    ["roots: {", /config\.yaml/],
    ["notify: { webhook: 'ftp://x', hook: 1 }", /notify\.webhook: .*http.*notify: .*hook/],
    ["terms: { x: { commercial: maybe, licence: MIT } }", /terms\.x\.commercial: .*terms\.x: .*licence/],
  ])("refuses %s and says why", (text, message) => {
    expect(() => parseConfig(text, "/config", {})).toThrow(message);
  });

  it("tells whom to notify, with the secret's file beside the config", () => {
    const text =
      "notify: { onEnd: ./tell, webhook: https://x.example/h, hosts: [x.example], secretFile: key }";
    expect(parseConfig(text, "/config", {}).notify).toEqual({
      ...{ onEnd: "./tell", webhook: "https://x.example/h", hosts: ["x.example"], secretFile: "/config/key" },
    });
  });

  it("fills in what a dataset's entry does not know of its terms, and of its subsets' alone", () => {
    const text = `terms:
  the-cauldron:
    requires: [name the authors]
    subsets:
      ai2d: { license: CC-BY-SA-4.0, commercial: yes }
`;
    const { terms } = parseConfig(text, "/config", {});
    const cauldron = shipped("the-cauldron");
    const known = withOwnTerms(cauldron, terms);
    expect(known.terms).toMatchObject({ commercial: "unknown", requires: ["name the authors"] });
    expect(termsOf(known, "ai2d")).toMatchObject({ license: "CC-BY-SA-4.0", commercial: "yes" });
    expect(termsOf(known, "vqav2")).toMatchObject({ license: cauldron.license, commercial: "unknown" });
    expect(withOwnTerms(shipped("smoltalk"), terms)).toEqual(shipped("smoltalk"));
  });
});
