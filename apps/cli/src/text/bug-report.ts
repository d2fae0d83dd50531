import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version } from "../version.ts";

/** One line about an error that nobody foresaw; its details go to a file of their own, or behind the line where none can be made. */
export function bugReport(error: unknown, args: readonly string[]): string {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const what = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split("\n")[0];
  const line = `this is a bug in Shardmill: ${what}`;
  const text = [
    `shardmill ${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    `command: ${args[0] ?? ""}`,
    details,
    "",
  ].join("\n");
  try {
    const file = join(mkdtempSync(join(tmpdir(), "shardmill-bug-")), "report.txt");
    writeFileSync(file, text, { mode: 0o600 });
    return `${line}; please report it with ${file}`;
  } catch {
    return `${line}; please report it:\n${text}`;
  }
}
