import { join } from "node:path";
import { isFrame, readSamples, writeContactSheet } from "@shardmill/shards";

/** All frames of one part's clips with their times: what the mill made, at a glance. */
export async function writeDemoSheet(dir: string, dataset: string, signal: AbortSignal): Promise<string> {
  const frames: { jpeg: Uint8Array; label: string }[] = [];
  for await (const { members } of readSamples(join(dataset, "openvid-1m-p0001-0000.tar"), {}, signal)) {
    const { video_id: clip, frame_times: times } = metadataOf(members);
    for (const [index, { bytes }] of members.filter(({ suffix }) => isFrame(suffix)).entries())
      frames.push({ jpeg: bytes, label: `${String(clip)}  ${times[index]?.toFixed(2) ?? "?"} s` });
  }
  const sheet = join(dir, "contact-sheet.png");
  const caption =
    "Every frame of part 1 with its time: one per second, 224x224. Its fifth clip has no caption and is left out, with that reason in the ledger.";
  await writeContactSheet({ title: "The demo's clips, milled", caption, frames }, sheet);
  return sheet;
}

function metadataOf(members: readonly { readonly suffix: string; readonly bytes: Uint8Array }[]): {
  video_id: unknown;
  frame_times: readonly number[];
} {
  const json = members.find(({ suffix }) => suffix === "json");
  const value: unknown = JSON.parse(Buffer.from(json?.bytes ?? Buffer.from("{}")).toString("utf8"));
  if (typeof value !== "object" || value === null) return { video_id: "", frame_times: [] };
  const times = "frame_times" in value && Array.isArray(value.frame_times) ? value.frame_times : [];
  return {
    video_id: "video_id" in value ? value.video_id : "",
    frame_times: times.filter((time) => typeof time === "number"),
  };
}
