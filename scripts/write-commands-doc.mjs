// Writes docs/commands.md from the program itself. Run it after a change of a command's options; a test compares them.
import { writeFileSync } from "node:fs";
import { helpPages } from "../apps/cli/dist/help-pages.js";
import { buildProgram } from "../apps/cli/dist/program.js";

const program = buildProgram(() => Promise.reject(new Error("help needs no context")));
writeFileSync(new URL("../docs/commands.md", import.meta.url), helpPages(program));
