import { spawnSync } from "node:child_process";

/**
 * Words that run a command in a mount namespace of its own, with a small tmpfs at `folder`: nothing outside is touched,
 * and the disk goes away with the command. Null where that is not allowed.
 */
export function tinyDisk(folder: string, size: string): readonly string[] | null {
  const words = (script: string): string[] => [
    ...["unshare", "--mount", "--propagation", "private", "sh", "-c"],
    `mount -t tmpfs -o size=${size} tmpfs "$0" && ${script}`,
    folder,
  ];
  const [command = "", ...args] = words("true");
  const tried = spawnSync(command, args, { encoding: "utf8", timeout: 10_000 });
  return tried.status === 0 ? words('exec "$@"') : null;
}
