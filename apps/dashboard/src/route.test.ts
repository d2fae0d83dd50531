import { describe, expect, it } from "vitest";
import { splitToken } from "./data/token.ts";
import { routeOf, titleOf, to, wholeView } from "./route.ts";

describe("addresses", () => {
  it("lead back to what they were made of, whatever the names", () => {
    const label = "Ä/б ?#%-p0001";
    expect(routeOf(to.part("openvid-1m", label))).toEqual({ page: "part", dataset: "openvid-1m", label });
    const view = { state: "failed", search: "ai2d & so", order: "size", page: 3 } as const;
    expect(routeOf(to.parts("x", view))).toEqual({
      page: "build",
      dataset: "x",
      leftOut: { code: null, search: "" },
      view,
    });
    const leftOut = { code: "decode_error", search: "a/b & 50 %" };
    expect(routeOf(to.leftOut("x", leftOut))).toMatchObject({ page: "build", leftOut });
    expect(routeOf(to.compare("x", "y"))).toEqual({ page: "compare", datasets: ["x", "y"] });
    expect(routeOf(to.parts("x", wholeView))).toMatchObject({ view: wholeView });
    expect(routeOf(to.shard("x", "x-p0001-0000", 7))).toMatchObject({ page: "shard", at: 7 });
  });

  it.each([
    ["#/builds/%E0%A4%A", "build"],
    ["#/builds/x/parts/%", "part"],
    ["#/builds/x/parts", "nowhere"],
    ["#/builds/x/parts/p1/more", "nowhere"],
    ["#/elsewhere", "nowhere"],
    ["#/compare?one=../x", "compare"],
    ["#/builds/x/samples/s?page=-1", "shard"],
    ["#/builds/x/samples/s?page=1e99", "shard"],
    ["#/builds/x?state=constructor&order=__proto__&page=NaN", "build"],
    ["", "overview"],
    ["#", "overview"],
    ["#/", "overview"],
  ])("%s is no accident", (hash, page) => {
    const route = routeOf(hash);
    expect(route.page).toBe(page);
    expect(titleOf(route)).toMatch(/Shardmill$/);
    if (route.page === "shard") expect(route.at).toBe(1);
    if (route.page === "build") expect(route.view).toEqual(wholeView);
  });
});

describe("a token in the address", () => {
  it.each([
    ["#token=abc%2Bd", "abc+d", "#/"],
    ["#token=abc&/builds/x?code=y", "abc", "#/builds/x?code=y"],
    ["#token=abc#/builds/x", "abc", "#/builds/x"],
    ["#token=abc/builds/x", "abc", "#/builds/x"],
    ["#/builds/x?token=abc", "abc", "#/builds/x"],
    ["#/builds/x?token=abc&code=y", "abc", "#/builds/x?code=y"],
    ["#/builds/x?code=y&token=abc", "abc", "#/builds/x?code=y"],
    ["#token=%E0%A4", "%E0%A4", "#/"],
    ["#/builds/x?code=token", null, "#/builds/x?code=token"],
  ])("%s", (hash, token, rest) => expect(splitToken(hash)).toEqual({ token, hash: rest }));
});
