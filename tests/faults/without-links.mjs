// Loaded before a command (NODE_OPTIONS=--import): its file system is one without hard links.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

fs.link = async (from, to) => {
  const message = `EPERM: operation not permitted, link '${from}' -> '${to}'`;
  throw Object.assign(new Error(message), { code: "EPERM", syscall: "link", errno: -1 });
};
syncBuiltinESMExports();
