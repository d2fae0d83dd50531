import { describe, expect, it } from "vitest";
import { buildProgram } from "../../apps/cli/src/program.ts";
import { type PrintedCommand, pages, printedCommands } from "../support/printed-commands.ts";

/** Every command that README.md and docs/ print is one that the program takes: what it does is told by other tests. */
const commands = pages()
  .flatMap(({ page, text }) => printedCommands(page, text))
  // How a clone calls the command, whichever it is.
  .filter(({ words: [first = ""] }) => first !== "ARGS" && first !== "<command>");

class Taken extends Error {}

type Program = ReturnType<typeof buildProgram>;

function silent(command: Program): Program {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  const isOnlyParent = command.commands.length > 0 && command.registeredArguments.length === 0;
  if (!isOnlyParent)
    command.action(() => {
      throw new Taken();
    });
  for (const child of command.commands) silent(child);
  return command;
}

/** Null where the command line takes it. */
async function problemOf({ words, kind }: PrintedCommand): Promise<string | null> {
  const program = silent(buildProgram(() => Promise.reject(new Error("nothing is run"))));
  try {
    await program.parseAsync(words, { from: "user" });
    return null;
  } catch (error) {
    if (error instanceof Taken) return null;
    if (!isRefusal(error)) return String(error);
    if (error.exitCode === 0) return null;
    // A sentence speaks of a command and of an option of it, and leaves out what is not its matter.
    const isLeftOut = kind === "mention" && leftOut.has(error.code);
    return isLeftOut ? null : error.message;
  }
}

/** What commander throws. */
function isRefusal(error: unknown): error is Error & { readonly code: string; readonly exitCode: number } {
  return error instanceof Error && "exitCode" in error && "code" in error;
}

const leftOut = new Set([
  "commander.missingArgument",
  "commander.missingMandatoryOptionValue",
  "commander.optionMissingArgument",
  "commander.help",
]);

describe("every command that is printed", () => {
  it("is found in blocks, in the help's examples and in sentences", () => {
    const of = (page: string, kind: string) =>
      commands.filter((command) => command.page === page && command.kind === kind).length;
    expect(of("README.md", "block")).toBeGreaterThan(15);
    expect(of("README.md", "mention")).toBeGreaterThan(5);
    expect(of("docs/commands.md", "block")).toBeGreaterThan(30);
    expect(of("docs/your-data.md", "block")).toBeGreaterThan(5);
    const [example] = printedCommands(
      "x",
      "```sh\nA=b npx shardmill build x --where 'a == \"b c\"' # all\n```\n`shardmill status --json`",
    );
    expect(example?.words).toEqual(["build", "x", "--where", 'a == "b c"']);
  });

  it("is taken by the command line, with every option that it names", async () => {
    const wrong: string[] = [];
    for (const command of commands) {
      const problem = await problemOf(command);
      if (problem !== null) wrong.push(`${command.page}: ${command.line}: ${problem}`);
    }
    expect(wrong).toEqual([]);
  });

  it("would be found if it were wrong", async () => {
    const problems = [
      "shardmill biuld x",
      "shardmill build x --prats 1",
      "shardmill build x --limit none",
    ].map(async (line) => {
      const [command] = printedCommands("x", `\`${line}\``);
      return command === undefined ? null : problemOf(command);
    });
    expect(await Promise.all(problems)).toEqual([
      expect.stringContaining("unknown command"),
      expect.stringContaining("unknown option"),
      expect.stringContaining("--limit"),
    ]);
  });
});
