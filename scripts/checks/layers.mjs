// Which room imports which: the table in docs/architecture.md, the imports of the code, package.json and tsconfig.json say
// the same. A row that allows what nobody uses is as wrong as an import that no row allows.
// Folders of a room that is marked `one way` there import only those in rows below their own.
import { dirname, join } from "node:path";
import { jsonOf, linesOf, lineWith } from "./tree.mjs";

const page = "docs/architecture.md";

export function checkLayers(root, files) {
  const rows = rowsOfTable(root);
  const rooms = roomsOf(root, files);
  return [
    ...unlikeRooms(rows, rooms),
    ...rows.filter((row) => rooms.has(row.room)).flatMap((row) => checkRoom(root, files, row, rooms)),
    ...cyclesOf(rows),
    ...oneWayRooms(root).flatMap((room) => checkOneWay(root, files, room)),
  ];
}

function rowsOfTable(root) {
  const lines = linesOf(root, page);
  const [from, to] = [lines.indexOf("<!-- layers -->"), lines.indexOf("<!-- /layers -->")];
  return lines.slice(from, to).flatMap((text, index) => {
    const cells = /^\| `([^`]+)` \| ([^|]*) \|/.exec(text);
    if (cells === null) return [];
    const may = [...cells[2].matchAll(/`([^`]+)`/g)].map((match) => match[1]);
    return [{ room: cells[1], may, line: from + index + 1 }];
  });
}

/** Folder -> name of the package. */
function roomsOf(root, files) {
  const manifests = files.filter((file) => /^(packages|workers|apps)\/[^/]+\/package\.json$/.test(file));
  return new Map(manifests.map((file) => [dirname(file), jsonOf(root, file).name]));
}

function unlikeRooms(rows, rooms) {
  const named = new Set(rows.map((row) => row.room));
  return [
    ...[...rooms.keys()]
      .filter((room) => !named.has(room))
      .map((room) => ({ file: page, line: 1, what: `the layers table has no row for ${room}: write one` })),
    ...rows
      .filter((row) => !rooms.has(row.room))
      .map((row) => ({ file: page, line: row.line, what: `${row.room} is no room: take its row out` })),
  ];
}

function checkRoom(root, files, row, rooms) {
  const folderOf = new Map([...rooms].map(([folder, name]) => [name, folder]));
  const imports = importsOfRoom(root, files, row.room);
  const used = new Set();
  const findings = [];
  for (const { file, line, name } of imports) {
    // `@shardmill/api/contract` is a door of `@shardmill/api`.
    const target = folderOf.get(name.split("/").slice(0, 2).join("/"));
    if (target !== undefined) used.add(target);
    if (target !== undefined && !row.may.includes(target)) {
      findings.push({
        file,
        line,
        what: `imports ${name}, which the row of ${row.room} in ${page} does not allow`,
      });
    }
    if (name.startsWith(".") && !join(dirname(file), name).startsWith(`${row.room}/`)) {
      findings.push({
        file,
        line,
        what: `${name} reaches out of ${row.room}: import the package by its name`,
      });
    }
  }
  for (const unused of row.may.filter((room) => !used.has(room))) {
    findings.push({
      file: page,
      line: row.line,
      what: `${row.room} may import ${unused}, and no file of it does: take it out of the row`,
    });
  }
  const needed = { ...row, may: row.may.filter((room) => used.has(room)) };
  return [...findings, ...unlikeManifest(root, needed, rooms, folderOf), ...unlikeReferences(root, needed)];
}

function oneWayRooms(root) {
  return linesOf(root, page).flatMap((text) => /^<!-- one way: (\S+) -->$/.exec(text)?.[1] ?? []);
}

function checkOneWay(root, files, room) {
  const rows = linesOf(root, page).filter((text) => text.startsWith("|"));
  const order = rows.flatMap((text) =>
    [...text.matchAll(/`([^`]+)`/g)]
      .map((match) => match[1])
      .filter((name) => dirname(name) === `${room}/src`),
  );
  // What lies in no folder stands above them all.
  const rank = (file) => order.findIndex((folder) => file.startsWith(`${folder}/`));
  return importsOfRoom(root, files, room)
    .filter(({ file, name }) => name.startsWith(".") && rank(join(dirname(file), name)) < rank(file))
    .map(({ file, line, name }) => ({
      file,
      line,
      what: `imports ${name}, which ${page} has above ${order[rank(file)]}: folders of ${room} import those below them`,
    }));
}

/** Those of its tests are free. */
function importsOfRoom(root, files, room) {
  return files
    .filter((file) => file.startsWith(`${room}/src/`) && /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
    .flatMap((file) => importsOf(root, file));
}

function importsOf(root, file) {
  return linesOf(root, file).flatMap((text, index) =>
    [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)].map((match) => ({
      file,
      line: index + 1,
      name: match[1],
    })),
  );
}

function unlikeManifest(root, row, rooms, folderOf) {
  const file = `${row.room}/package.json`;
  const listed = Object.keys(jsonOf(root, file).dependencies ?? {}).filter((name) => folderOf.has(name));
  const wanted = row.may.map((room) => rooms.get(room));
  return [
    ...listed
      .filter((name) => !wanted.includes(name))
      .map((name) => ({
        file,
        line: lineWith(root, file, `"${name}"`),
        what: `depends on ${name}, which its row in ${page} does not name: take it out`,
      })),
    ...wanted
      .filter((name) => !listed.includes(name))
      .map((name) => ({
        file,
        line: 1,
        what: `its row in ${page} names ${name}: add it to the dependencies`,
      })),
  ];
}

/** The page is built by vite, which takes the contract's types from where the package says; all else is built by reference. */
function unlikeReferences(root, row) {
  const file = `${row.room}/tsconfig.json`;
  const config = jsonOf(root, file);
  if (config.compilerOptions?.composite === false) return [];
  const listed = (config.references ?? []).map(({ path }) => join(row.room, path));
  const whole = jsonOf(root, "tsconfig.json").references.map(({ path }) => path);
  return [
    ...listed
      .filter((room) => !row.may.includes(room))
      .map((room) => ({
        file,
        line: 1,
        what: `refers to ${room}, which its row in ${page} does not name: take it out`,
      })),
    ...row.may
      .filter((room) => !listed.includes(room))
      .map((room) => ({ file, line: 1, what: `its row in ${page} names ${room}: add it to the references` })),
    ...(whole.includes(row.room)
      ? []
      : [{ file: "tsconfig.json", line: 1, what: `does not refer to ${row.room}: add it` }]),
  ];
}

function cyclesOf(rows) {
  const rowOf = new Map(rows.map((row) => [row.room, row]));
  const reaches = (from, to, seen) => {
    if (seen.has(from)) return false;
    seen.add(from);
    return (rowOf.get(from)?.may ?? []).some((next) => next === to || reaches(next, to, seen));
  };
  return rows
    .filter((row) => reaches(row.room, row.room, new Set()))
    .map((row) => ({
      file: page,
      line: row.line,
      what: `${row.room} may import itself by way of others: a cycle`,
    }));
}
