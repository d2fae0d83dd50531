import { randomBytes } from "node:crypto";
import {
  Failure,
  type FileIdentity,
  localRateGate,
  readAll,
  type Source,
  systemClock,
} from "@shardmill/core";
import { afterEach, describe, expect, it } from "vitest";
import {
  grantedToken,
  type HubStandIn,
  type StandInOptions,
  startHubStandIn,
  ungrantedToken,
} from "../../../../tests/hub-stand-in/index.ts";
import { openSource, type SourceDeps, type SourceIncident } from "../index.ts";

const signal = new AbortController().signal;
const files = { "README.md": "# Data\n", "a b#1?.csv": "x,y\n", "part0.zip": randomBytes(200_000) };
const incidents: SourceIncident[] = [];

let hub: HubStandIn;
afterEach(async () => {
  incidents.length = 0;
  await hub.close();
});

function deps(): SourceDeps {
  return {
    gate: localRateGate(systemClock),
    clock: systemClock,
    firstBackoffMs: 1,
    maxAttempts: 4,
    idleTimeoutMs: 2_000,
    onIncident: (incident) => incidents.push(incident),
  };
}

const open = (given: { revision?: string; token?: string | null; repo?: string } = {}): Promise<Source> =>
  openSource(
    {
      kind: "hub",
      repo: given.repo ?? hub.repo,
      revision: given.revision ?? "main",
      endpoint: hub.endpoint,
      token: given.token ?? null,
    },
    deps(),
    signal,
  );

const start = async (options: StandInOptions = { files }): Promise<void> => {
  hub = await startHubStandIn(options);
};

async function list(source: Source): Promise<FileIdentity[]> {
  const found: FileIdentity[] = [];
  for await (const file of source.list(signal)) found.push(file);
  return found;
}

async function readFirst(source: Source, path: string): Promise<Uint8Array> {
  const file = (await list(source)).find((entry) => entry.path === path)!;
  return readAll(source.open(file), { start: 0, end: file.sizeBytes }, signal);
}

const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => expect.fail("expected a Failure"),
    (error: unknown) => {
      expect(error).toBeInstanceOf(Failure);
      return error as Failure;
    },
  );

describe("listing", () => {
  it("resolves a branch to its commit once, and asks nothing when given a commit", async () => {
    await start();
    expect((await open()).revision).toBe(hub.commit);
    expect(hub.log).toHaveLength(1);
    const pinned = await open({ revision: hub.commit });
    expect([pinned.revision, pinned.name]).toEqual([hub.commit, "hub:stand-in/dataset"]);
    expect(hub.log).toHaveLength(1);
  });

  it("pages through 202 files and asks for nothing else", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 202 }, (_, part) => [`OpenVid_part${part}.zip`, `zip ${part}`]),
    );
    await start({ files: many, pageLimit: 100 });
    const source = await open({ revision: hub.commit });
    expect((await list(source)).map(({ path }) => path).sort()).toEqual(Object.keys(many).sort());
    const tree = `/api/datasets/stand-in/dataset/tree/${hub.commit}`;
    expect(hub.log.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET ${tree}`,
      `GET ${tree}`,
      `GET ${tree}`,
    ]);
  });

  it("fetches a page only when its entries are wanted", async () => {
    await start({ files, pageLimit: 1 });
    const source = await open({ revision: hub.commit });
    for await (const _ of source.list(signal)) break;
    expect(hub.log).toHaveLength(1);
  });

  it("knows sha256 of large files, the blob id of small ones", async () => {
    await start();
    const found = await list(await open());
    expect(found.find(({ path }) => path === "part0.zip")?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(found.find(({ path }) => path === "README.md")).toMatchObject({ sizeBytes: 7, sha256: null });
  });

  it("heals a cut, a 503 and a 429 of the API", async () => {
    await start();
    for (const kind of ["cut", "503", "429"] as const) hub.setFault({ kind, on: "api", retryAfterS: 0 });
    expect(await list(await open())).toHaveLength(3);
    expect(incidents.map(({ kind }) => kind)).toEqual(["cut", "server_error", "rate_limited"]);
  });
});

describe("reading", () => {
  it("reads small files from the hub and large ones from the CDN, whatever their names hold", async () => {
    await start();
    const source = await open();
    for (const [path, content] of Object.entries(files)) {
      expect(Buffer.from(await readFirst(source, path)).equals(Buffer.from(content))).toBe(true);
    }
  });

  it("sends the token to the hub and never to the CDN", async () => {
    await start({ files, gated: true });
    const source = await open({ token: grantedToken });
    await readFirst(source, "part0.zip");
    await readFirst(source, "README.md");
    const had = (server: string) =>
      hub.log.filter((entry) => entry.server === server).map((e) => e.hadAuthorization);
    expect(had("hub").every(Boolean)).toBe(true);
    expect(had("cdn")).toEqual([false]);
  });
});

describe("what is final is one clear Failure with its remedy", () => {
  const readZip = async (token: string | null) => readFirst(await open({ token }), "part0.zip");

  it.each([
    [
      "gated and no token",
      null,
      "source_gated",
      /no token is set; accept its terms at http.*\/datasets\/stand-in/,
    ],
    ["gated and a wrong token", "hf_wrong", "source_unauthorized", /the token is not valid/],
    [
      "gated and no grant",
      ungrantedToken,
      "source_gated",
      /account has no access to it yet; accept its terms/,
    ],
  ])("%s", async (_, token, code, message) => {
    await start({ files, gated: true });
    const failure = await failureOf(readZip(token));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
    expect(failure.retry).toBe("never");
    expect(failure.oneLine()).not.toMatch(/\n/);
    expect(incidents).toEqual([]);
    // The revision, the listing, the refused address: nothing was tried twice.
    expect(hub.log).toHaveLength(3);
  });

  it("a revision that is gone", async () => {
    await start();
    const failure = await failureOf(open({ revision: "v9" }));
    expect([failure.code, failure.message]).toEqual([
      "source_not_found",
      "hub:stand-in/dataset has no revision v9",
    ]);
    hub.removeCommit();
    const later = await failureOf(open({ revision: hub.commit }).then(list));
    expect(later.code).toBe("source_not_found");
  });

  it("a repository that is gone, with and without a token", async () => {
    await start();
    hub.removeRepo();
    expect((await failureOf(open())).code).toBe("source_unauthorized");
    const failure = await failureOf(open({ token: grantedToken }));
    expect([failure.code, failure.message]).toEqual([
      "source_not_found",
      "hub:stand-in/dataset does not exist (404)",
    ]);
  });

  it("a file that is gone", async () => {
    await start();
    const source = await open();
    const [file] = await list(source);
    hub.removeFile(file!.path);
    const failure = await failureOf(readAll(source.open(file!), { start: 0, end: 1 }, signal));
    expect([failure.code, failure.where.path]).toEqual(["source_not_found", file!.path]);
  });

  it("no network, after the attempts that are allowed", async () => {
    await start();
    await hub.close();
    const failure = await failureOf(open());
    expect(failure.code).toBe("source_unreachable");
    expect(failure.retry).toBe("later");
    expect(failure.message).toMatch(/could not be reached 4 times in a row, last: ECONNREFUSED$/);
    expect(incidents).toHaveLength(3);
  });

  it("a token that is none, without showing it", async () => {
    await start();
    const failure = await failureOf(open({ token: "hf_secret\nhf_other" }));
    expect(failure.code).toBe("source_unauthorized");
    expect(failure.message).not.toContain("hf_");
    // White space around a token, as a shell or a file leaves it, does no harm.
    expect((await open({ token: ` ${grantedToken}\n` })).revision).toBe(hub.commit);
  });

  it("an address that is none", async () => {
    await start();
    const spec = { kind: "hub", repo: "a/b", revision: "main", token: "hf_secret" } as const;
    for (const endpoint of ["nonsense", "file:///etc", "https://user:hf_secret@host"]) {
      const failure = await failureOf(openSource({ ...spec, endpoint }, deps(), signal));
      expect(failure.code).toBe("wrong_use");
      expect(failure.message).not.toContain("hf_secret");
    }
  });
});
