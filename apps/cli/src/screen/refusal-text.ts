/** The one line about a worker that takes no job of the build: its versions (toolchain_mismatch) or its output are others. */
export function refusalText(worker: string, code: string, why: string): string {
  const name = worker.replace(/\/(mill|plan)$/, "");
  return code === "output_differs"
    ? `A worker that does not see the build's output (${name}: ${why}) is connected and takes no job of it: mount the output there, and start it with that --out.`
    : `A worker with other versions (${name}: ${why}) is connected and takes no job of this build.`;
}
