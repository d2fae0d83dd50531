import { chmod, mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { tempFolder } from "../../testing/temp-folder.ts";
import { deskFolder, scratchFolder } from "./machine-folders.ts";
import { openBucketStore } from "./open-bucket-store.ts";

afterEach(() => void vi.unstubAllEnvs());

it("scratch is the named folder, else one that its user alone can write into", async () => {
  await using folder = await tempFolder();
  vi.stubEnv("TMPDIR", folder.path);
  expect(await scratchFolder({ SHARDMILL_SCRATCH: "/data/scratch" })).toBe("/data/scratch");
  const own = join(folder.path, `shardmill-${process.getuid?.()}`);
  expect(await scratchFolder({})).toBe(own);
  expect((await stat(own)).mode & 0o777).toBe(0o700);
  expect(await scratchFolder({})).toBe(own);
  await chmod(own, 0o777);
  await expect(scratchFolder({})).rejects.toMatchObject({
    code: "output_unwritable",
    message: expect.stringMatching(/with SHARDMILL_SCRATCH, or --scratch DIR/),
  });
});

it("scratch is no link that another has laid there", async () => {
  await using folder = await tempFolder();
  vi.stubEnv("TMPDIR", folder.path);
  await mkdir(join(folder.path, "elsewhere"), { mode: 0o700 });
  await symlink(join(folder.path, "elsewhere"), join(folder.path, `shardmill-${process.getuid?.()}`));
  await expect(scratchFolder({})).rejects.toMatchObject({ code: "output_unwritable" });
});

it("a bucket without a region is a mistake that is told before anything is asked", async () => {
  await using folder = await tempFolder();
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "S3_ENDPOINT_URL", "AWS_PROFILE"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", join(folder.path, "none"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder.path, "none"));
  await expect(openBucketStore("s3://some/where", { scratch: folder.path })).rejects.toMatchObject({
    code: "wrong_use",
    message: expect.stringMatching(/AWS_REGION/),
  });
});

it("where a queue is reached is found wherever scratch is, and in scratch where there is no home", async () => {
  await using folder = await tempFolder();
  const state = join(folder.path, "state");
  expect(await deskFolder("/scratch", { XDG_STATE_HOME: state, SHARDMILL_SCRATCH: "/a" })).toBe(
    join(state, "shardmill"),
  );
  vi.stubEnv("HOME", folder.path);
  expect(await deskFolder("/scratch", { XDG_STATE_HOME: "relative" })).toBe(
    join(folder.path, ".local/state/shardmill"),
  );
  await writeFile(join(folder.path, "file"), "");
  vi.stubEnv("HOME", join(folder.path, "file"));
  expect(await deskFolder("/scratch", {})).toBe("/scratch");
});
