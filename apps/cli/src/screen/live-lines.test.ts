import { describe, expect, it } from "vitest";
import { openConsole } from "../context/console.ts";
import type { Settings } from "../context/settings.ts";
import { LiveLines } from "./live-lines.ts";

const escapeSign = String.fromCharCode(27);

describe("a block of lines that is drawn over", () => {
  it("goes back over as many rows as it has, however many signs of a line are painted", () => {
    const written: string[] = [];
    const stream = { columns: 80, rows: 24, write: (text: string) => written.push(text) };
    const stdout = stream as unknown as NodeJS.WriteStream;
    const settings = { isColourful: true, isLive: true } as Settings;
    const console = openConsole(settings, { stdout, stderr: stdout });
    const block = new LiveLines(stdout, console.render);
    const strip = Array.from({ length: 79 }, () => console.paint("red", "o")).join("");
    block.draw([strip, console.paint("dim", "x".repeat(80))]);
    block.note("a note");
    expect(written[1]).toBe(`${escapeSign}[2A\r${escapeSign}[0Ja note\n`);
    expect(written[0]?.replaceAll(`${escapeSign}[31m`, "")).toContain(`o${escapeSign}[39m`);
    expect(written.join("")).not.toMatch(/\[\d+;\d{4};\d{4}m/);
  });
});
