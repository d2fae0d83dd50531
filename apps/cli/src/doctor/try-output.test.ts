import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codes } from "@shardmill/core";
import { faultyFileSystem, systemError } from "@shardmill/store";
import { afterAll, describe, expect, it } from "vitest";
import { tryOutput } from "./try-output.ts";

const folder = mkdtempSync(join(tmpdir(), "shardmill-doctor-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("doctor's trial of the output", () => {
  it("goes through a commit, and leaves nothing behind", async () => {
    const finding = await tryOutput(join(folder, "not", "there", "yet"));
    expect(finding.what).toMatch(/free; a file written, synced, linked and replaced/);
    expect(finding.path).toBe(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"])(
    "names a file system whose link(2) gives %s by what it lacks, with what to do",
    async (code) => {
      const fs = faultyFileSystem((operation) => {
        if (operation === "link") throw systemError(code);
      });
      const finding = await tryOutput(folder, fs);
      expect(finding).toMatchObject({ level: "fail", remedy: codes.output_without_links.remedy });
      expect(finding.what).toContain(`the file system of the output takes no hard link (${code})`);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it("asks for permission where that is what lacks", async () => {
    const fs = faultyFileSystem((operation) => {
      if (operation === "create") throw systemError("EROFS");
    });
    expect(await tryOutput(folder, fs)).toMatchObject({
      level: "fail",
      what: "creating trial: EROFS",
      remedy: `make ${folder} writable, or choose another --out`,
    });
  });
});
