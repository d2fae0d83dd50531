import { access, mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inParallel } from "./in-parallel.ts";
import { runCommand } from "./run-command.ts";

interface Kind {
  readonly codec: "h264" | "hevc";
  readonly height: 720 | 1080;
  readonly gop: 30 | 250;
  readonly seeds: number;
}

/** 12 files: the shapes of web video that datasets are cut from. */
const KINDS: readonly Kind[] = [
  { codec: "h264", height: 720, gop: 250, seeds: 3 },
  { codec: "h264", height: 720, gop: 30, seeds: 3 },
  { codec: "h264", height: 1080, gop: 250, seeds: 2 },
  { codec: "h264", height: 1080, gop: 30, seeds: 2 },
  { codec: "hevc", height: 720, gop: 250, seeds: 1 },
  { codec: "hevc", height: 720, gop: 30, seeds: 1 },
];

/** The generated clips, made once and kept in the system's folder for temporary files. */
export async function defaultClips(ffmpegPath: string): Promise<string[]> {
  const folder = join(tmpdir(), "shardmill-bench-clips-2");
  await mkdir(folder, { recursive: true });
  const jobs = KINDS.flatMap((kind) => Array.from({ length: kind.seeds }, (_, seed) => ({ kind, seed })));
  const paths = jobs.map(({ kind, seed }) =>
    join(folder, `${kind.codec}-${kind.height}p-gop${kind.gop}-${seed}.mp4`),
  );
  await inParallel(jobs, 2, async ({ kind, seed }, index) => {
    const path = paths[index] ?? "";
    if (await exists(path)) return;
    process.stderr.write(`making ${path}\n`);
    // Two benches may be making the same clip: each writes its own, and the last rename wins with a whole one.
    const partial = `${path}.${process.pid}.partial.mp4`;
    await runCommand(ffmpegPath, encodeArguments(kind, seed, partial));
    await rename(partial, path);
  });
  return paths;
}

/** A textured picture that drifts and turns a little, with camera noise on top: detail and motion as film has them. */
function encodeArguments({ codec, height, gop }: Kind, seed: number, path: string): string[] {
  const width = (height * 16) / 9;
  const seconds = 8 + ((seed * 7) % 11) / 10;
  const texture = `color=gray:size=${width * 1.25}x${height * 1.25}:rate=30:duration=${seconds}`;
  const drift = `crop=${width}:${height}:x='(iw-ow)/2*(1+sin(t*${0.4 + seed / 10}))':y='(ih-oh)/2*(1+cos(t*0.5))'`;
  const still = `trim=end_frame=1,noise=all_seed=${seed + 1}:alls=90:allf=u,gblur=sigma=3,eq=contrast=2.5,loop=loop=${Math.round(seconds * 30)}:size=1,setpts=N/30/TB`;
  const graph = `[0:v]${still},${drift}[a];[1:v]scale=${width / 2}:-2[b];[a][b]overlay=x='w*0.4*abs(sin(t))':y=40,noise=all_seed=${seed + 50}:alls=5:allf=t+u,format=yuv420p`;
  const encoder =
    codec === "h264"
      ? ["-c:v", "libx264", "-preset", "medium", "-crf", "23", "-g", String(gop)]
      : [
          "-c:v",
          "libx265",
          "-preset",
          "medium",
          "-crf",
          "26",
          "-x265-params",
          `keyint=${gop}:log-level=error`,
        ];
  return [
    ...["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", texture],
    ...["-f", "lavfi", "-i", `testsrc2=size=640x360:rate=30:duration=${seconds}`],
    ...["-filter_complex", graph, "-t", String(seconds), ...encoder, "-movflags", "+faststart", path],
  ];
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
