// What knip found, as a line for each finding: the file, the place, and what to do (`knip --reporter`).
import { relative } from "node:path";

const remedies = {
  files: () => "nobody imports this file: remove it, or name it as an entry in knip.jsonc",
  dependencies: (name) => `${name} is not used: take it out of the dependencies`,
  devDependencies: (name) => `${name} is not used: take it out of the devDependencies`,
  optionalPeerDependencies: (name) => `${name} is used, and only an optional peer: make it a dependency`,
  unlisted: (name) => `${name} is used and not in this package's package.json: add it there`,
  unresolved: (name) => `${name} cannot be found`,
  exports: (name) => `nobody imports ${name}: take its \`export\` away, or the code`,
  types: (name) => `nobody imports the type ${name}: take its \`export\` away, or the type`,
  nsExports: (name) => `nobody uses ${name} of the namespace: take its \`export\` away`,
  nsTypes: (name) => `nobody uses the type ${name} of the namespace: take its \`export\` away`,
  enumMembers: (name) => `nobody uses ${name}: take it out`,
  namespaceMembers: (name) => `nobody uses ${name}: take it out`,
  duplicates: (name) => `one thing is exported as ${name}: keep one name`,
};

export default function printLines({ issues, report, cwd, configurationHints }) {
  for (const [kind, isAsked] of Object.entries(report)) {
    if (!isAsked) continue;
    for (const issue of Object.values(issues[kind] ?? {}).flatMap((ofFile) => Object.values(ofFile))) {
      const name = issue.symbols?.map(({ symbol }) => symbol).join(" and ") || issue.symbol;
      const what = remedies[kind]?.(name) ?? `${kind}: ${name}`;
      console.log(`${relative(cwd, issue.filePath)}:${issue.line ?? 1}: ${what}`);
    }
  }
  for (const hint of configurationHints ?? []) {
    console.log(`knip.jsonc:1: ${hint.identifier} (${hint.type}): the configuration names what is not there`);
  }
}
