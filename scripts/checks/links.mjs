// Links and names of files. What a page or a comment names can be found: a linked file and its heading, a path, a page.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { linesOf } from "./tree.mjs";

const isSource = (file) => /\.(ts|tsx|mjs|css|py|sh|yaml|yml)$|(^|\/)Dockerfile$|^\.ci\/run$/.test(file);

/** A path from the root: its first folder is one that the repository has. A mark in it (`*`, `<name>`) stands for any name. */
const fromRoot =
  /(?<![\w/.<>$}@-])(?:apps|bench|config|docs|packages|scripts|tests|workers|\.ci)\/[\w./*<>{}@-]*/g;
/** A word that ends as a source file does, with or without folders. */
const pageName = /(?<![\w./-])[\w-]+\.md\b/g;
const sourceName = /(?<![\w/.<>$}*@-])[\w-][\w./-]*\.(?:ts|tsx|mjs)\b(?!["/])/g;

export function checkLinks(root, files) {
  const pages = files.filter((file) => file.endsWith(".md"));
  return [
    ...pages.flatMap((page) => [...brokenLinks(root, page), ...absentNames(root, page, files)]),
    ...files.filter(isSource).flatMap((file) => absentInSource(root, file, files)),
  ];
}

function* eachMatch(root, file, pattern, keep = (line) => line) {
  for (const [index, text] of linesOf(root, file).entries()) {
    for (const match of keep(text).matchAll(pattern)) yield { line: index + 1, match };
  }
}

/** [text](target), within the repository: the file is there, and so is the heading behind the #. */
function brokenLinks(root, page) {
  const findings = [];
  for (const { line, match } of eachMatch(root, page, /\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(match[1])) continue;
    const [path, anchor] = match[1].split("#");
    const target = path === "" ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) {
      findings.push({ file: page, line, what: `${match[1]} leads nowhere: there is no ${target}` });
    } else if (anchor !== undefined && target.endsWith(".md") && !anchorsOf(root, target).has(anchor)) {
      findings.push({
        file: page,
        line,
        what: `${match[1]} leads nowhere: ${target} has no heading #${anchor}`,
      });
    }
  }
  return findings;
}

/** Headings as GitHub makes anchors of them. */
function anchorsOf(root, page) {
  const seen = new Map();
  const anchors = new Set();
  for (const { match } of eachMatch(root, page, /^#{1,6} (.+)$/g)) {
    const plain = match[1]
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(plain) ?? 0;
    seen.set(plain, count + 1);
    anchors.add(count === 0 ? plain : `${plain}-${count}`);
  }
  return anchors;
}

function absentNames(root, page, files) {
  const findings = [];
  const withoutLinks = (text) => text.replace(/\]\([^)\s]+\)/g, "]");
  for (const { line, match } of eachMatch(root, page, fromRoot, withoutLinks)) {
    const wanted = plainPath(match[0]);
    if (isThere(root, wanted) || isThere(root, join(dirname(page), wanted))) continue;
    findings.push({
      file: page,
      line,
      what: `names ${match[0]}, and there is no ${wanted}: name what is meant`,
    });
  }
  for (const { line, match } of eachMatch(root, page, pageName, withoutLinks)) {
    const places = [match[0], join("docs", match[0]), join(dirname(page), match[0])];
    if (places.some((place) => files.includes(place))) continue;
    findings.push({ file: page, line, what: `names ${match[0]}, and there is no such page` });
  }
  for (const { line, match } of eachMatch(root, page, sourceName, withoutLinks)) {
    if (isSourceOf(page, match[0], files)) continue;
    findings.push({
      file: page,
      line,
      what: `names ${match[0]}, and there is no such file: write its path from the root`,
    });
  }
  return findings;
}

/** A page names files from the root; a package's own page may name them from its folder, or by their last name alone. */
function isSourceOf(page, name, files) {
  if (files.includes(name)) return true;
  const folder = dirname(page);
  if (folder === "." || folder === "docs") return false;
  return files.some((file) => file.startsWith(`${folder}/`) && `/${file}`.endsWith(`/${name}`));
}

/** Pages that any line of the source names, be it a message; in tests, whose strings are made up, and of paths, comments alone. */
function absentInSource(root, file, files) {
  const findings = [];
  const told = file.includes(".test.") ? commentOf : (text) => text;
  for (const { line, match } of eachMatch(root, file, /(?<![\w./-])(?:[\w-]+\/)*[\w-]+\.md\b/g, told)) {
    const places = [match[0], join("docs", match[0]), join(dirname(file), match[0])];
    if (match[0].endsWith("README.md") || places.some((place) => files.includes(place))) continue;
    findings.push({
      file,
      line,
      what: `names ${match[0]}, which readers do not have: give the reason in place`,
    });
  }
  for (const { line, match } of eachMatch(root, file, /\b[\w-]+\.md,? \d+/gi, told)) {
    findings.push({
      file,
      line,
      what: `${match[0]}: pages have headings and no numbers; give the reason in place`,
    });
  }
  for (const { line, match } of eachMatch(root, file, fromRoot, commentOf)) {
    const wanted = plainPath(match[0]);
    if (isThere(root, wanted) || isThere(root, join(dirname(file), wanted))) continue;
    findings.push({ file, line, what: `names ${match[0]}, and there is no ${wanted}: name what is meant` });
  }
  return findings;
}

/** What of a line is a comment; good enough for naming paths, which nothing else on a line begins with. */
function commentOf(text) {
  const from = text.search(/(?:^|\s)(?:\/\/|\/\*|\*|#)(?:\s|\*)/);
  return from === -1 ? "" : text.slice(from);
}

/** Up to where a mark stands for a name, without the stop of a sentence. */
function plainPath(path) {
  const marked = path.search(/[*<{]/);
  const certain = marked === -1 ? path : path.slice(0, path.slice(0, marked).lastIndexOf("/"));
  return certain.replace(/[./]+$/, "");
}

function isThere(root, path) {
  return path === "" || existsSync(join(root, path));
}
