import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { captionHeader, captionRow, writeFiles } from "../support/openvid-mirror.ts";
import { readSamples, tarsIn } from "../support/read-shards.ts";
import { type Ended, shardmill, shardmillJson } from "../support/shardmill.ts";
import { type LyingEntry, lyingZip } from "./lying-zip.ts";

/** Archives that mean harm, and one that does not, in one build. */

interface Hostile extends LyingEntry {
  /** What has to become of it. */
  readonly code: RegExp;
}

let scratch: string;
let ended: Ended;
let bystanders: Server;
let heard = 0;
let corpus: readonly Hostile[];
const out = () => join(scratch, "house", "out");

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-hostile-"));
  bystanders = createServer((_request, response) => response.end());
  bystanders.on("connection", () => {
    heard += 1;
  });
  await new Promise<void>((resolve) => bystanders.listen(0, "127.0.0.1", resolve));
  const port = (bystanders.address() as AddressInfo).port;
  const clips = await makeClips(2);
  const secret = join(scratch, "secret.mp4");
  await writeFile(secret, clips[0]!);
  corpus = hostileMembers(port, secret, clips[1]!);
  const benign = { name: "good.mp4", bytes: clips[0]! };
  const friendly = lyingZip([{ name: "friendly.mp4", bytes: clips[1]! }]);
  const names = [...corpus, benign].map(({ name }) => name.slice(name.lastIndexOf("/") + 1));
  const captioned = [...new Set([...names, "friendly.mp4"])].filter((name) => !name.includes("\0"));
  await mkdir(join(scratch, "house"));
  const source = await writeFiles(
    join(scratch, "house", "mirror"),
    new Map([
      ["OpenVid_part80.zip", lyingZip([...corpus, benign])],
      ["OpenVid_part81.zip", lyingZip([benign]).subarray(0, 900)],
      ["OpenVid_part82.zip", Buffer.from("PK, says this file, and nothing more")],
      ["OpenVid_part83.zip", friendly],
      [
        "data/train/OpenVid-1M.csv",
        Buffer.from(`${[captionHeader, ...captioned.map(captionRow)].join("\n")}\n`),
      ],
    ]),
  );
  ended = await shardmill([
    ...["build", "openvid-1m", "--parts", "80-83", "--source", source, "--out", out()],
    ...["--set", "limits.maxBytes=20000000", "--workers", "2"],
  ]);
});

afterAll(async () => {
  bystanders.close();
  bystanders.closeAllConnections();
  await rm(scratch, { recursive: true, force: true });
});

function hostileMembers(port: number, secret: string, clip: Buffer): Hostile[] {
  const url = `http://127.0.0.1:${port}`;
  const text = (name: string, content: string, code = noVideo): Hostile => ({
    name,
    bytes: Buffer.from(content),
    code,
  });
  const noVideo = /no_video_stream|decode_error|zero_frames|not_media/;
  const hls = (uri: string) =>
    `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:9.0,\n${uri}\n#EXT-X-ENDLIST\n`;
  const zeros = Buffer.alloc(64_000_000);
  return [
    { name: "/tmp/absolute.mp4", bytes: clip, code: /unsafe_name/ },
    { name: "../../outside.mp4", bytes: clip, code: /unsafe_name/ },
    { name: "videos/../../outside2.mp4", bytes: clip, code: /unsafe_name/ },
    { name: "nul\0name.mp4", bytes: clip, code: /unsafe_name/ },
    { name: "link.mp4", bytes: Buffer.from(secret), unixMode: 0o120777, code: /member_type_unsupported/ },
    { name: "encrypted.mp4", bytes: clip, flags: 1, code: /member_encrypted/ },
    // 99 is AES.
    { name: "aes.mp4", bytes: clip, method: 99, code: /member_encrypted/ },
    { name: "method.mp4", bytes: clip, method: 12, code: /member_method_unknown/ },
    { name: "bomb.mp4", bytes: zeros, deflate: true, code: /bomb_suspected|too_large/ },
    { name: "lying-bomb.mp4", bytes: zeros, deflate: true, statedSize: 1000, code: /bomb_suspected/ },
    { name: "empty.mp4", bytes: Buffer.alloc(0), code: /empty_member/ },
    text("hls-http.mp4", hls(`${url}/segment.ts`)),
    text("hls-file.mp4", hls(`file://${secret}`)),
    text("hls-path.mp4", hls(secret)),
    text("concat-file.mp4", `ffconcat version 1.0\nfile '${secret}'\n`),
    text("concat-http.mp4", `ffconcat version 1.0\nfile '${url}/clip.mp4'\n`),
    text(
      "dash.mp4",
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S"><BaseURL>${url}/</BaseURL><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>clip.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    ),
    text(
      "sdp.mp4",
      `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
    ),
    text("picture.mp4", `<svg xmlns="http://www.w3.org/2000/svg"><image href="${url}/x.png"/></svg>`),
    text("page.mp4", `<html><img src="${url}/x.png"></html>`),
  ];
}

describe("a build of hostile archives", () => {
  it("gives every hostile member its code", async () => {
    expect(ended.code, ended.stderr).toBe(1);
    const { failures } = await shardmillJson<{ failures: { part: string; member: string; code: string }[] }>([
      ...["failures", "openvid-1m", "--out", out()],
    ]);
    const found = failures.filter(({ part }) => part === "p0080");
    // Names that hold bytes no name may hold are shown without them.
    const codeOf = (name: string) =>
      found.find(
        ({ member }) => member === name || member.replace(/[^\w./-]/g, "") === name.replace("\0", ""),
      )?.code ?? "no line";
    const wrong = corpus.filter(({ name, code }) => !code.test(codeOf(name)));
    expect(wrong.map(({ name, code }) => `${name}: expected ${code.source}, found ${codeOf(name)}`)).toEqual(
      [],
    );
    expect(found.length).toBe(corpus.length);
  });

  it("ends damaged archives as failed parts with their reason, and builds the rest", async () => {
    const { parts } = await shardmillJson<{
      parts: { label: string; state: string; packed: number; error: { code: string } | null }[];
    }>(["status", "openvid-1m", "--out", out()]);
    const of = (label: string) => parts.find((part) => part.label === label);
    expect(of("p0080")).toMatchObject({ state: "done", packed: 1 });
    expect(of("p0081")).toMatchObject({ state: "failed", packed: 0 });
    expect(of("p0081")?.error?.code).toMatch(/archive_malformed|archive_truncated/);
    expect(of("p0082")?.error?.code).toMatch(/archive_malformed|archive_truncated/);
    expect(of("p0083")).toMatchObject({ state: "done", packed: 1 });
    const folder = join(out(), "openvid-1m");
    const keys = tarsIn(folder).flatMap((tar) => readSamples(join(folder, tar)).map(({ key }) => key));
    expect(keys).toEqual([`openvid-p0080-${String(corpus.length).padStart(6, "0")}`, "openvid-p0083-000000"]);
    expect(await shardmillJson(["verify", folder, "--deep"])).toMatchObject({ ok: true, samples: 2 });
  });

  it("connects to nobody, and writes nothing outside its output", () => {
    expect(heard).toBe(0);
    expect(readdirSync(scratch).sort()).toEqual(["house", "secret.mp4"]);
    expect(readdirSync(join(scratch, "house")).sort()).toEqual(["mirror", "out"]);
    expect(readdirSync(out())).toEqual(["openvid-1m"]);
    expect(readFileSync(join(scratch, "secret.mp4")).length).toBeGreaterThan(0);
  });
});
