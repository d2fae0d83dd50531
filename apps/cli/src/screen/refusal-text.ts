/** The one line about a worker whose versions are not the build's (toolchain_mismatch). */
export function refusalText(worker: string, why: string): string {
  const name = worker.replace(/\/mill$/, "");
  return `A worker with other versions (${name}: ${why}) is connected and takes no job of this build.`;
}
