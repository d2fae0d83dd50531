// Programs of Debian that some tests drive: a browser, a terminal, a second kind of Redis, an independent tar reader.
// Installed where this may (root with apt-get); otherwise the tests that need one say so and are skipped.
import { spawnSync } from "node:child_process";

const tools = [
  { program: "chromium", package: "chromium", what: "the dashboard's browser tests" },
  { program: "tmux", package: "tmux", what: "the terminal tests" },
  { program: "redis-server", package: "redis-server", what: "the tests on a native Redis" },
  { program: "promtool", package: "prometheus", what: "the tests of metrics and alert rules" },
  { program: "python3", package: "python3-minimal", what: "the check with Python's tarfile" },
];

export function installTestTools() {
  const lacking = tools.filter(({ program }) => !isThere(program));
  if (lacking.length === 0) return;
  if (process.getuid?.() === 0 && isThere("apt-get")) {
    const names = lacking.map((tool) => tool.package);
    process.stdout.write(`Installing ${names.join(", ")} for the tests ...\n`);
    // No service is to be started by an installation: the tests start what they need themselves.
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
    const apt = (...args) => spawnSync("apt-get", ["-qq", ...args], { env, stdio: "ignore" });
    apt("update");
    apt("install", "-y", "--no-install-recommends", ...names);
  }
  for (const { program, package: name, what } of tools.filter((tool) => !isThere(tool.program))) {
    process.stdout.write(`${program} is not here: ${what} will be skipped (apt-get install ${name})\n`);
  }
}

function isThere(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}
