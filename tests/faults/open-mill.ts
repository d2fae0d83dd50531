import { type Clock, localRateGate, Semaphore, systemClock } from "@shardmill/core";
import { openMediaPool, readToolchain } from "@shardmill/media";
import { type BuildContext, closeAnnotationIndexes, type MillTools, openBuild } from "@shardmill/pipeline";
import { type FileSystem, openRecords, openStore } from "@shardmill/store";

export interface OpenMill {
  readonly context: BuildContext;
  readonly tools: MillTools;
  close(): Promise<void>;
}

/** The pipeline itself over an output that a build has made, with the ports of the test's choice. */
export async function openMill(
  out: string,
  hubEndpoint: string,
  ports: {
    readonly fs?: FileSystem;
    readonly clock?: Clock;
    readonly worker?: string;
    readonly output?: string;
    /** The user's own folders, by prefix. */
    readonly roots?: Readonly<Record<string, string>>;
    /** Of another mill, which closes them. */
    readonly tools?: MillTools;
  } = {},
): Promise<OpenMill> {
  const { clock = systemClock, output = "openvid-1m" } = ports;
  const surroundings = {
    outRoot: out,
    hubEndpoint,
    hubToken: null,
    gate: localRateGate(systemClock),
    clock,
    worker: ports.worker ?? "test/1",
    ...(ports.roots !== undefined && { roots: ports.roots }),
  };
  const opened = await openBuild(output, surroundings, new AbortController().signal);
  const store = ports.fs === undefined ? opened.store : await openStore(out, { fs: ports.fs });
  const context = { ...opened, store, records: openRecords(store, output) };
  const tools = ports.tools ?? (await openTools());
  return {
    context,
    tools,
    async close() {
      if (ports.tools === undefined) await tools.pool.close();
      await closeAnnotationIndexes(context);
    },
  };
}

async function openTools(): Promise<MillTools> {
  return {
    pool: await openMediaPool({ size: 2, decoder: "libav" }),
    texts: null,
    budget: new Semaphore(100_000_000),
    toolchain: await readToolchain("libav"),
    onProgress: () => undefined,
  };
}
