import pino, { type Logger } from "pino";
import { safeJson } from "../text/clean-text.ts";

/** A log of JSON lines that a terminal may show: names of a source in it move no cursor. */
export function openLog(base: Readonly<Record<string, string>>, fd: 1 | 2): Logger {
  const sink = pino.destination(fd);
  return pino({ base, level: "info" }, { write: (line: string) => void sink.write(safeJson(line)) });
}
