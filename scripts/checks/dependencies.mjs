// Every dependency has its reason on docs/decisions.md, and no reason stands there for one that is gone. Versions are exact,
// and one package has one version in all rooms.
import { jsonOf, linesOf, lineWith } from "./tree.mjs";

const page = "docs/decisions.md";
const kinds = ["dependencies", "devDependencies", "optionalDependencies"];

export function checkDependencies(root, files) {
  const manifests = files.filter((file) => /^([^/]+\/[^/]+\/)?package\.json$/.test(file));
  const own = new Set(manifests.map((file) => jsonOf(root, file).name));
  const pinned = manifests.flatMap((file) =>
    kinds.flatMap((kind) =>
      Object.entries(jsonOf(root, file)[kind] ?? {}).map(([name, version]) => ({
        file,
        line: lineWith(root, file, `"${name}": "${version}"`),
        name,
        version,
      })),
    ),
  );
  return [...wrongVersions(pinned), ...withoutReason(root, pinned, own)];
}

function wrongVersions(pinned) {
  const first = new Map();
  return pinned.flatMap(({ file, line, name, version }) => {
    if (!/^\d/.test(version))
      return [{ file, line, what: `${name} is "${version}": name one exact version` }];
    const known = first.get(name) ?? { version, file };
    first.set(name, known);
    if (known.version === version) return [];
    return [
      { file, line, what: `${name} is ${version} here and ${known.version} in ${known.file}: take one` },
    ];
  });
}

/** Types go with what they type. */
function withoutReason(root, pinned, own) {
  const reasons = reasonsOf(root);
  const outside = pinned.filter(({ name }) => !own.has(name) && !name.startsWith("@types/"));
  const names = new Set(outside.map(({ name }) => name));
  return [
    ...outside
      .filter(({ name }) => !reasons.has(name))
      .map(({ file, line, name }) => ({
        file,
        line,
        what: `${name} has no line in ${page}, "Dependencies": write why`,
      })),
    ...[...reasons]
      .filter(([name]) => !names.has(name))
      .map(([name, line]) => ({
        file: page,
        line,
        what: `${name} is in no package.json: take its line out`,
      })),
  ];
}

/** Name -> line, from the tables below the heading "Dependencies" up to the next heading of its rank. */
function reasonsOf(root) {
  const reasons = new Map();
  let isInside = false;
  for (const [index, text] of linesOf(root, page).entries()) {
    if (text.startsWith("## ")) isInside = text === "## Dependencies";
    const names = isInside ? (/^\| ((?:`[^`]+`(?:, )?)+) \|/.exec(text)?.[1] ?? "") : "";
    for (const [, name] of names.matchAll(/`([^`]+)`/g)) reasons.set(name, index + 1);
  }
  return reasons;
}
