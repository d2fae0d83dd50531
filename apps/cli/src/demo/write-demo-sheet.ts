import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isFrame, readSamples, writeContactSheet } from "@shardmill/shards";

/** Two frames of every packed sample of the demo, with their times: what the mill made, at a glance. */
export async function writeDemoSheet(dir: string, dataset: string, signal: AbortSignal): Promise<string> {
  const frames: { jpeg: Uint8Array; label: string }[] = [];
  for (const tar of (await readdir(dataset)).filter((name) => name.endsWith(".tar")).sort()) {
    for await (const { key, members } of readSamples(join(dataset, tar), {}, signal)) {
      const own = members.filter(({ suffix }) => isFrame(suffix));
      const picked = own.length < 2 ? own : [own[0], own[Math.floor(own.length / 2)]];
      for (const member of picked)
        if (member !== undefined)
          frames.push({ jpeg: member.bytes, label: `${key.replace(/^openvid-/, "")}  ${member.suffix}` });
    }
  }
  const sheet = join(dir, "contact-sheet.png");
  const caption =
    "Frames at one per second, 224x224, of every clip that was packed; the truncated clip and the one without a caption are left out, with their reasons.";
  await writeContactSheet({ title: "shardmill demo", caption, frames }, sheet);
  return sheet;
}
