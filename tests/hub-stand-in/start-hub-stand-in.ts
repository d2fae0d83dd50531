import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serveCdn } from "./cdn-server.ts";
import type { DatasetRepo } from "./dataset-repo.ts";
import { FailEvery } from "./fail-every.ts";
import { type Fault, Faults, type RandomFaults } from "./faults.ts";
import { folderFiles, type HostedFile, listedFile, memoryFile } from "./hosted-file.ts";
import { serveHub } from "./hub-server.ts";
import { type LoggedRequest, logRequest } from "./request-log.ts";
import { paceOf } from "./send-body.ts";
import { Written } from "./written.ts";

export interface StandInOptions {
  /** Default `stand-in/dataset`. */
  readonly repo?: string;
  /** Default dataset. */
  readonly type?: "dataset" | "model";
  /** Path -> content. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  /** Or files on disk, read by range; they may be sparse and huge. */
  readonly folder?: string;
  /** Path -> bytes of a file that is listed and cannot be read: for listings of a real repository's size. */
  readonly listed?: Readonly<Record<string, number>>;
  /** A second repository of the same hub, as far as its listing and its files go; none of its files is on the CDN. */
  readonly beside?: Pick<StandInOptions, "files" | "listed"> & { readonly repo: string };
  readonly gated?: boolean;
  /** Entries of a listing's page; default 1000. */
  readonly pageLimit?: number;
  /** Files from this size on live on the CDN; default 4096. */
  readonly largeFromBytes?: number;
  /** Of a signed address; default one hour. */
  readonly addressLifetimeMs?: number;
  readonly faults?: RandomFaults;
  /** There is no repository until somebody makes it. */
  readonly absent?: boolean;
  /** Objects above it are sent in parts of so many bytes; default 1 MB. */
  readonly partBytes?: number;
  /** Objects above it are hashed as they come and not kept; default 1 MB. */
  readonly keptUpToBytes?: number;
  /** Every n-th request to either server fails: 503, cut, done with its answer lost, 429. */
  readonly failEvery?: number;
  /** Of all connections together; default unlimited. */
  readonly bytesPerSecond?: number;
}

export interface HubStandIn {
  readonly repo: string;
  readonly endpoint: string;
  readonly cdnOrigin: string;
  /** The same files on an ordinary HTTP server: base address for an http source. */
  readonly plainBase: string;
  readonly commit: string;
  /** Every request so far, in order; tests may empty it. */
  readonly log: LoggedRequest[];
  setFault(fault: Fault): void;
  clearFaults(): void;
  /** A new commit on the branch, with these files besides or instead (null: without); the ones before it stay as they were. */
  commitFiles(changes: Readonly<Record<string, Uint8Array | string | null>>): string;
  /** Other content under the same commit: what the real Hub never does and a plain server may. */
  replaceFile(path: string, content: Uint8Array | string): void;
  removeFile(path: string): void;
  /** What was brought by a writer. */
  readonly written: Written;
  /** Requests that `failEvery` has failed. */
  readonly failures: number;
  /** Every signed address given out so far is refused from now on. */
  expireAddresses(): void;
  setGated(isGated: boolean): void;
  removeRepo(): void;
  removeCommit(): void;
  /** Body bytes of all answers, of one server if named. */
  bytesSent(server?: "hub" | "cdn"): number;
  openConnections(): Promise<number>;
  close(): Promise<void>;
}

/** Two servers on loopback: a hub and its CDN, on two ports, so that they are two origins. */
export async function startHubStandIn(options: StandInOptions): Promise<HubStandIn> {
  const repo = await hostRepo(options);
  const log: LoggedRequest[] = [];
  const failing = new FailEvery(options.failEvery ?? null);
  const { beside } = options;
  const besides =
    beside === undefined ? null : await hostRepo({ ...beside, largeFromBytes: Number.POSITIVE_INFINITY });
  const hub = await listen((request, response) => {
    if (failing.befalls(request, response)) return;
    const asked = besides !== null && request.url?.includes(`/${besides.name}`) === true ? besides : repo;
    void answer(asked, serveHub, "hub", log, request, response);
  });
  const cdn = await listen((request, response) => {
    if (failing.befalls(request, response)) return;
    void answer(repo, serveCdn, "cdn", log, request, response);
  });
  repo.hubOrigin = originOf(hub);
  repo.cdnOrigin = originOf(cdn);
  if (besides !== null) besides.hubOrigin = repo.hubOrigin;
  const largeFromBytes = options.largeFromBytes ?? 4096;
  return {
    repo: repo.name,
    endpoint: repo.hubOrigin,
    cdnOrigin: repo.cdnOrigin,
    plainBase: `${repo.cdnOrigin}/plain/`,
    get commit() {
      return repo.commit;
    },
    log,
    written: repo.written,
    get failures() {
      return failing.failures;
    },
    setFault: (fault) => repo.faults.ask(fault),
    clearFaults: () => {
      repo.faults.clear();
      failing.stop();
    },
    commitFiles: (changes) => {
      const files = new Map(repo.files);
      for (const [path, content] of Object.entries(changes))
        if (content === null) files.delete(path);
        else files.set(path, memoryFile(path, content, largeFromBytes));
      return repo.moveBranch("main", files);
    },
    replaceFile: (path, content) => void repo.files.set(path, memoryFile(path, content, largeFromBytes)),
    removeFile: (path) => void repo.files.delete(path),
    expireAddresses: () => {
      repo.generation += 1;
    },
    setGated: (isGated) => {
      repo.isGated = isGated;
    },
    removeRepo: () => {
      repo.isGone = true;
    },
    removeCommit: () => {
      repo.isCommitGone = true;
    },
    bytesSent: (server) =>
      log.reduce(
        (sum, { server: of, bytesSent }) => sum + (server === undefined || of === server ? bytesSent : 0),
        0,
      ),
    openConnections: async () => (await connectionsOf(hub)) + (await connectionsOf(cdn)),
    close: async () => {
      await Promise.all([closeServer(hub), closeServer(cdn)]);
    },
  };
}

async function hostRepo(options: StandInOptions): Promise<DatasetRepo> {
  const largeFromBytes = options.largeFromBytes ?? 4096;
  const inMemory = Object.entries(options.files ?? {}).map(([path, content]) =>
    memoryFile(path, content, largeFromBytes),
  );
  const listed = Object.entries(options.listed ?? {}).map(([path, size]) =>
    listedFile(path, size, largeFromBytes),
  );
  const onDisk = options.folder === undefined ? [] : await folderFiles(options.folder, largeFromBytes);
  const files = new Map([...onDisk, ...listed, ...inMemory].map((file) => [file.path, file]));
  return {
    name: options.repo ?? "stand-in/dataset",
    type: options.type ?? "dataset",
    commit: commitOf(files, ""),
    files,
    history: new Map(),
    branches: new Map(),
    written: new Written({
      partBytes: options.partBytes ?? 1_000_000,
      keptUpToBytes: options.keptUpToBytes ?? 1_000_000,
    }),
    regularBelowBytes: largeFromBytes,
    moveBranch,
    faults: new Faults(options.faults ?? null),
    pace: paceOf(options.bytesPerSecond ?? null),
    pageLimit: options.pageLimit ?? 1000,
    addressLifetimeMs: options.addressLifetimeMs ?? 3_600_000,
    isGated: options.gated ?? false,
    isPrivate: false,
    isGone: options.absent ?? false,
    isCommitGone: false,
    hubOrigin: "",
    cdnOrigin: "",
    generation: 0,
  };
}

function moveBranch(this: DatasetRepo, branch: string, files: Map<string, HostedFile>): string {
  if (this.branches.has(branch)) {
    const commit = commitOf(files, this.branches.get(branch) ?? "");
    this.history.set(commit, files);
    this.branches.set(branch, commit);
    return commit;
  }
  this.history.set(this.commit, this.files);
  this.files = files;
  this.commit = commitOf(files, this.commit);
  return this.commit;
}

function commitOf(files: ReadonlyMap<string, { path: string; sha256: string }>, parent: string): string {
  const content = [...files.values()].map(({ path, sha256 }) => `${path} ${sha256}`).join("\n");
  return createHash("sha1").update(`${parent}${content}`).digest("hex");
}

async function answer(
  repo: DatasetRepo,
  serve: typeof serveHub,
  server: "hub" | "cdn",
  log: LoggedRequest[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const logged = logRequest(log, server, request, response);
  response.on("error", () => undefined);
  try {
    await serve(repo, request, response, logged);
  } catch (error) {
    // A mistake of the stand-in itself must not look like a fault that it was asked for.
    if (!response.headersSent) response.writeHead(418);
    response.end(String(error));
  }
}

function listen(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handler);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, fail) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : fail(error))),
  );
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
