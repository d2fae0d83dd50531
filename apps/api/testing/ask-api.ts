import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import type { BuiltApi } from "../src/build-api.ts";
import { partsPageSchema } from "../src/contract/index.ts";
import { openTestPlace, type TestPlace } from "./open-test-api.ts";

export const base = "/api/builds/openvid-1m";

/** What is asked of the API in one test. */
export interface Asked {
  place: TestPlace;
  api: BuiltApi;
  post(url: string, body?: unknown, expected?: number): Promise<unknown>;
  get(url: string): Promise<unknown>;
  /** Of each part. */
  states(): Promise<Record<string, string>>;
}

/** The API over a mirror of three parts, opened before and closed after each test of the file that calls this. */
export function askApi(): Asked {
  const asked: Omit<Asked, "place" | "api"> & Partial<Asked> = { post, get, states };
  beforeEach(async () => {
    asked.place = await openTestPlace();
    const folder = join(asked.place.root, "mirror");
    await mkdir(join(folder, "data/train"), { recursive: true });
    for (const part of [0, 1, 2]) await writeFile(join(folder, `OpenVid_part${part}.zip`), `part ${part}`);
    await writeFile(join(folder, "data/train/OpenVid-1M.csv"), "video,caption\n");
    const sourceFolders = new Map([["openvid-1m", folder]]);
    asked.api = await asked.place.open({ sourceFolders, limits: { keepEveryMs: 200 } });
  });
  afterEach(() => asked.place?.close());

  async function post(url: string, body?: unknown, expected = 202) {
    const answer = await open().app.inject({
      method: "POST",
      url,
      headers: { host: "127.0.0.1" },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    expect(answer.statusCode, answer.body).toBe(expected);
    return answer.json() as unknown;
  }

  async function get(url: string): Promise<unknown> {
    return (await open().app.inject({ url, headers: { host: "127.0.0.1" } })).json();
  }

  async function states(): Promise<Record<string, string>> {
    const { parts } = partsPageSchema.parse(await get(`${base}/parts?pageSize=5`));
    return Object.fromEntries(parts.map(({ label, state }) => [label, state]));
  }

  function open(): BuiltApi {
    if (asked.api === undefined) throw new Error("asked outside a test");
    return asked.api;
  }
  return asked as Asked;
}
