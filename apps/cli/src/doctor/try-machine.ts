import { availableParallelism, totalmem } from "node:os";
import { bytesText } from "../text/format.ts";
import { type Finding, found } from "./finding.ts";

const childBytes = 1_000_000_000;
const heldBytes = 512_000_000;
const oldest = [20, 19] as const;

export function tryNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  const more = { version: process.versions.node, path: process.execPath };
  const what = `${process.platform} ${process.arch}`;
  if (!isOld) return found("node", what, more);
  return found("node", what, { ...more, level: "fail", remedy: `install Node ${oldest.join(".")} or newer` });
}

/** What a build with default settings may take, against what this machine or container has. */
export function tryMemory(): Finding {
  const clips = availableParallelism();
  const limit = process.constrainedMemory();
  const has = limit > 0 && limit < totalmem() ? limit : totalmem();
  const needs = clips * childBytes + 2 * heldBytes;
  const what = `${bytesText(has)} for ${clips} clips at once, which may take up to ${bytesText(needs)}`;
  if (has >= needs) return found("memory", what);
  const fewer = Math.max(1, Math.floor((has - 2 * heldBytes) / childBytes));
  return found("memory", what, { level: "warn", remedy: `--workers ${fewer}, or a lower --child-memory` });
}
