import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const programs = ["ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"];
const keys = { id: "toy-key", secret: "toy-secret" } as const;

export interface Radosgw {
  readonly endpoint: string;
  readonly version: string;
  readonly keys: typeof keys;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Why no radosgw can be started here; null when all of it is installed. */
export function lackOfRadosgw(): string | null {
  try {
    execFileSync("which", programs, { stdio: "ignore" });
    return null;
  } catch {
    return "radosgw is not installed (apt-get install --no-install-recommends ceph-mon ceph-osd radosgw): not tried on a real store";
  }
}

/** A Ceph of one monitor, one store in memory and one gateway, in a folder of its own. */
export async function startRadosgw(folder: string): Promise<Radosgw> {
  const daemons: ChildProcess[] = [];
  const end = async (): Promise<void> => {
    const ended = daemons.map((daemon) => new Promise((resolve) => daemon.once("close", resolve)));
    for (const daemon of daemons) daemon.kill("SIGKILL");
    await Promise.all(ended);
  };
  try {
    return { ...(await started(folder, daemons)), keys, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function started(
  folder: string,
  daemons: ChildProcess[],
): Promise<Pick<Radosgw, "endpoint" | "version">> {
  const [port, monitorPort] = [await freePort(), await freePort()];
  const config = join(folder, "ceph.conf");
  const cluster = randomUUID();
  for (const name of ["mon", "osd", "run"]) await mkdir(join(folder, name));
  await writeFile(config, configOf({ folder, cluster, port, monitorPort }));
  const run = async (program: string, ...args: string[]): Promise<string> =>
    (await promisify(execFile)(program, program === "monmaptool" ? args : ["-c", config, ...args])).stdout;
  const start = (program: string, ...args: string[]): void => {
    daemons.push(spawn(program, ["-c", config, "-f", ...args], { stdio: "ignore" }));
  };
  const map = join(folder, "monmap");
  const monitor = `[v1:127.0.0.1:${monitorPort}]`;
  await run("monmaptool", "--create", "--addv", "a", monitor, "--fsid", cluster, map);
  await run("ceph-mon", "--mkfs", "-i", "a", "--monmap", map);
  start("ceph-mon", "-i", "a");
  const store = randomUUID();
  await run("ceph", "osd", "new", store);
  await run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store);
  await run("ceph", "osd", "crush", "add", "osd.0", "1", "root=default", "host=here");
  start("ceph-osd", "-i", "0");
  const user = ["--uid=toy", "--display-name=toy", `--access-key=${keys.id}`, `--secret-key=${keys.secret}`];
  await run("radosgw-admin", "user", "create", ...user);
  start("radosgw", "-n", "client.rgw");
  const endpoint = `http://127.0.0.1:${port}`;
  while ((await fetch(endpoint).catch(() => null)) === null)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return { endpoint, version: (await run("radosgw", "--version")).trim() };
}

interface Places {
  readonly folder: string;
  readonly cluster: string;
  readonly port: number;
  readonly monitorPort: number;
}

function configOf({ folder, cluster, port, monitorPort }: Places): string {
  return `[global]
fsid = ${cluster}
mon host = [v1:127.0.0.1:${monitorPort}]
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms client mode = crc
osd objectstore = memstore
osd crush update on start = false
osd class update on start = false
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
osd pool default pg num = 1
mon allow pool size one = true
mon data = ${folder}/mon
osd data = ${folder}/osd
run dir = ${folder}/run
admin socket = ${folder}/run/$name.$pid.asok
pid file = ${folder}/run/$name.pid
log file = ${folder}/run/$name.log
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${port}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
