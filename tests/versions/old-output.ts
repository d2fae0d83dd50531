import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesOf } from "../support/files-of.ts";
import { type Ended, shardmill } from "../support/shardmill.ts";

const here = import.meta.dirname;

/** A copy of the output that 0.1 made, and its source. */
export class OldOutput {
  readonly dataset = "old";
  readonly scratch: string;
  readonly out: string;
  readonly source = join(here, "source-0.1");

  private constructor(scratch: string) {
    this.scratch = scratch;
    this.out = join(scratch, "out");
  }

  static async open(): Promise<OldOutput> {
    const old = new OldOutput(await mkdtemp(join(tmpdir(), "shardmill-old-")));
    await cp(join(here, "output-0.1"), old.out, { recursive: true });
    const catalogue = join(old.scratch, "config/shardmill/datasets");
    await mkdir(catalogue, { recursive: true });
    await cp(join(here, "old.yaml"), join(catalogue, "old.yaml"));
    return old;
  }

  get folder(): string {
    return join(this.out, this.dataset);
  }

  get environment(): Record<string, string> {
    return { XDG_CONFIG_HOME: join(this.scratch, "config") };
  }

  run(...args: readonly string[]): Promise<Ended> {
    return shardmill(args, this.environment);
  }

  /** Every file of the output with its bytes. */
  files(): Promise<Map<string, string>> {
    return filesOf(this.out);
  }

  close(): Promise<void> {
    return rm(this.scratch, { recursive: true, force: true });
  }
}
