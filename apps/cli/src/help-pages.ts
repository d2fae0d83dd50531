import type { Command } from "commander";

/** docs/commands.md: the help of every command as it is printed at 80 columns. */
export function helpPages(program: Command): string {
  const pages = allCommands(program).map(
    ({ path, command }) => `## ${path}\n\n\`\`\`\n${helpOf(command)}\n\`\`\`\n`,
  );
  return `# Commands\n\nWhat \`--help\` prints. This page is written by \`node scripts/write-commands-doc.mjs\`; a test compares it with the program.\nFrom a clone: \`npm run shardmill -- <command>\`.\n\n${pages.join("\n")}`;
}

function allCommands(command: Command, path = command.name()): { path: string; command: Command }[] {
  const below = command.commands.flatMap((child) => allCommands(child, `${path} ${child.name()}`));
  return [{ path, command }, ...below];
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (piece) => {
      text += piece;
    },
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}
