import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ffmpeg } from "../support/make-clips.ts";
import { captionHeader } from "../support/openvid-mirror.ts";
import { zip } from "../support/zip.ts";

/** What the clips show, with a text each. */
const scenes: readonly (readonly [source: string, caption: string])[] = [
  [
    "gradients=c0=0x0b3954:c1=0xf4a259:c2=0xbfd7ea:n=3:speed=0.03:seed=4",
    "Evening light over calm water. A band of amber crosses the picture from the lower left to the upper right and slowly turns, while the deep blue of the far shore gives way to a pale, hazy sky.",
  ],
  [
    "gradients=type=radial:c0=0xf2cc8f:c1=0x3d405b:c2=0x81b29a:n=3:speed=0.02:seed=9",
    "A soft disc of light hangs in the middle of the picture, cream at its heart and violet at its rim. It drifts to the right against a ground of muted green and grows a little with every second.",
  ],
  [
    "gradients=type=spiral:c0=0x264653:c1=0xe76f51:c2=0xe9c46a:n=3:speed=0.02:seed=2",
    "Broad fields of colour turn about one point like a slow fan: dark teal, terracotta and straw. The camera stays still, and the edges between the fields remain soft.",
  ],
  [
    "gradients=type=circular:c0=0x1d3557:c1=0xa8dadc:c2=0xe63946:n=3:speed=0.02:seed=7",
    "A cone of pale blue sweeps around the centre as the hand of a clock would. Behind it the picture fades from navy to a warm red, and the movement is even from the first frame to the last.",
  ],
  [
    "gradients=c0=0x606c38:c1=0xfefae0:c2=0xbc6c25:n=3:speed=0.03:seed=5",
    "Low sun on a hillside in autumn. Stripes of olive, cream and rust pass over the picture at a slant, as if seen from a train, and the light becomes warmer towards the end.",
  ],
];
const membersEach = 20;
const partsOfGallery = 186;
const absentPart = 118;
const brokenPart = 23;

/**
 * A mirror with as many parts as OpenVid has. Three archives stand behind all of them: a sound one, one with a damaged
 * clip, one with a clip without a caption and a file that is no video. One part is not there, one is cut off.
 */
export async function makeGallery(folder: string): Promise<void> {
  const clips = await Promise.all(scenes.map((scene, at) => makeClip(scene[0], 6 + at)));
  const members = Array.from({ length: membersEach }, (_, at) => ({
    name: `clips/scene_${String(at).padStart(3, "0")}.mp4`,
    bytes: clips[at % clips.length]!,
  }));
  const cut = members.map((member, at) =>
    at % 9 === 4
      ? { ...member, bytes: member.bytes.subarray(0, Math.floor(member.bytes.length * 0.4)) }
      : member,
  );
  const uncaptioned = { name: "clips/behind_the_scenes.mp4", bytes: clips[0]! };
  const note = { name: "clips/README.txt", bytes: Buffer.from("Notes of the photographer.\n") };
  await mkdir(join(folder, "data/train"), { recursive: true });
  const kinds = [members, members, cut, [...members, uncaptioned, note]];
  for (const [at, kind] of kinds.entries()) await writeFile(partFile(folder, at), await zip(kind));
  for (let part = kinds.length; part < partsOfGallery; part += 1)
    if (part !== absentPart && part !== brokenPart)
      await link(partFile(folder, part % kinds.length), partFile(folder, part));
  const whole = await readFile(partFile(folder, 0));
  await writeFile(partFile(folder, brokenPart), whole.subarray(0, Math.floor(whole.length / 2)));
  const rows = members.map(
    ({ name }, at) =>
      `${name.slice("clips/".length)},"${scenes[at % scenes.length]![1]}",5.1,2.4,0.98,static,150,25,6`,
  );
  await writeFile(join(folder, "data/train/OpenVid-1M.csv"), `${[captionHeader, ...rows].join("\n")}\n`);
}

function partFile(folder: string, part: number): string {
  return join(folder, `OpenVid_part${part}.zip`);
}

async function makeClip(scene: string, seconds: number): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "shardmill-gallery-"));
  try {
    const file = join(folder, "clip.mp4");
    const [kind, rest] = scene.split("=", 1).concat(scene.slice(scene.indexOf("=") + 1));
    const input = ["-f", "lavfi", "-i", `${kind}=s=640x360:r=25:${rest}`, "-t", String(seconds)];
    const output = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"];
    execFileSync(ffmpeg, ["-v", "error", ...input, ...output, "-movflags", "+faststart", file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
