import { describe, expect, it } from "vitest";
import { aDataset, aLedgerLine } from "../testing/records.ts";
import { groupOfLine, memberGroup } from "./group.ts";

const panda = [
  { prefix: "yt", names: ["{youtube}_{n}_{n}to{n}", "celebv_{youtube}_{n}", "cook/*/{youtube}/split_{n}"] },
];

function groupOf(member: string, over: Parameters<typeof aDataset>[0] = { group: panda }): string | null {
  return groupOfLine(aDataset(over), null, aLedgerLine({ member }));
}

describe("the group of a member", () => {
  it.each([
    ["video/---_iRTHryQ_13_0to241.mp4", "yt:---_iRTHryQ"],
    ["CPLa78IpO90_19_17to138.MP4", "yt:CPLa78IpO90"],
    ["a.b\\CPLa78IpO90_20_0to9.mp4", "yt:CPLa78IpO90"],
    ["celebv_-_Bdf9C0SAU_0.mp4", "yt:-_Bdf9C0SAU"],
    ["academic/cook/101/zukEQgbWdsY/split_2.mp4", "yt:zukEQgbWdsY"],
    // Not the whole name, or not eleven characters.
    ["xCPLa78IpO90_19_17to138.mp4", "member:xCPLa78IpO90_19_17to138.mp4"],
    ["celebv_Bdf9C0SAU_0.mp4", "member:celebv_Bdf9C0SAU_0.mp4"],
    ["zukEQgbWdsY/split_2.mp4", "member:zukEQgbWdsY/split_2.mp4"],
  ])("of %s is %s", (member, group) => {
    expect(groupOf(member)).toBe(group);
  });

  it("is one whichever way Unicode writes the name", () => {
    expect(groupOf("cafe\u0301.mp4")).toBe(groupOf("caf\u00e9.mp4"));
  });

  it("goes by the rules of its subset, the first that fits", () => {
    const dataset = aDataset({
      group: [
        { prefix: "yt", names: ["{youtube}"], subsets: ["panda"] },
        { prefix: "own", names: ["{id}"] },
      ],
    });
    const line = aLedgerLine({ member: "zukEQgbWdsY.mp4" });
    expect(groupOfLine(dataset, "panda", line)).toBe("yt:zukEQgbWdsY");
    expect(groupOfLine(dataset, "pexels", line)).toBe("own:zukEQgbWdsY");
    expect(groupOfLine(dataset, null, line)).toBe("own:zukEQgbWdsY");
  });

  it("is what the ledger has, unless a rule of now reads an id out of the name", () => {
    const dataset = aDataset({ group: panda });
    const of = (group: string): string | null =>
      groupOfLine(dataset, null, aLedgerLine({ member: "CPLa78IpO90_19_17to138.mp4", group }));
    expect(of("yt:elsewhere00")).toBe("yt:elsewhere00");
    expect(of("member:CPLa78IpO90_19_17to138.mp4")).toBe("yt:CPLa78IpO90");
  });

  it("is asked of the picture where there is one, and of the key where the name is a row's", () => {
    expect(groupOf("row 7", { media: "images" })).toBeNull();
    expect(groupOf("row 7", { media: "none" })).toBe("member:toy-p0000-000000");
    expect(memberGroup({ member: "row 7", key: "toy-p0000-000007-1-t0" })).toBe("member:toy-p0000-000007");
  });
});

describe("a rule", () => {
  it.each(["{youtube}_{id}", "clip_*", "{youtube}_{part}"])("is refused with the pattern %s", (name) => {
    expect(() => aDataset({ group: [{ prefix: "yt", names: [name] }] })).toThrow(/group/);
  });
});
