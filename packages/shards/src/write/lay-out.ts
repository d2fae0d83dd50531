import { Failure, type Layout } from "@shardmill/core";
import { frameSuffix, isFrame, packedSuffix, type Sample, type SampleMember } from "../look/sample.ts";

/**
 * A sample with a file for each picture in another layout: its pictures as they are, in other files, and its JSON with what tells them
 * apart at its end. `frames` of the result are the pictures that it shows.
 */
export function layOut({ key, members }: Sample, layout: Layout): Sample & { readonly frames: number } {
  const frames = members
    .filter(({ suffix }) => isFrame(suffix))
    .toSorted((a, b) => (a.suffix < b.suffix ? -1 : 1))
    .map(({ bytes }) => bytes);
  const last = frames.at(-1);
  const json = members.find(({ suffix }) => suffix === "json");
  if (last === undefined || json === undefined)
    throw new Failure("shard_invalid", `${key} has no ${json === undefined ? "JSON" : "picture"}`, {
      where: { member: key },
      retry: "never",
    });
  const text = Buffer.from(json.bytes).toString("utf8");
  switch (layout.kind) {
    case "packed":
      return {
        key,
        members: [
          { suffix: packedSuffix, bytes: Buffer.concat(frames) },
          jsonMember(`${open(text)},"frame_offsets":[${offsetsOf(frames).join(",")}]}`),
        ],
        frames: frames.length,
      };
    case "fixed": {
      const shown = frames.slice(0, layout.frames);
      const padding = layout.frames - shown.length;
      const files = [...shown, ...Array.from({ length: padding }, () => last)];
      const told = shown.length < frames.length ? cut(text, shown.length) : text;
      return {
        key,
        members: [
          ...files.map((bytes, at) => ({ suffix: frameSuffix(at), bytes })),
          jsonMember(`${open(told)},"frame_padding":${padding}}`),
        ],
        frames: shown.length,
      };
    }
    default:
      return layout satisfies never;
  }
}

function jsonMember(text: string): SampleMember {
  return { suffix: "json", bytes: Buffer.from(text, "utf8") };
}

/** Without the brace at its end: values stay to the byte, as no parser has them. */
function open(json: string): string {
  return json.slice(0, json.lastIndexOf("}"));
}

/** Where each begins, and where the last one ends. */
function offsetsOf(frames: readonly Uint8Array[]): number[] {
  const offsets = [0];
  for (const { length } of frames) offsets.push((offsets.at(-1) ?? 0) + length);
  return offsets;
}

/**
 * A JSON that tells of the first pictures alone. A quotation mark inside a text is escaped, and no field of a dataset may be called
 * so: what is found is the key itself.
 */
function cut(json: string, frames: number): string {
  return json
    .replace(/"frame_count":\d+/, `"frame_count":${frames}`)
    .replace(/"frame_times":\[([^\]]*)\]/, (_, times: string) => {
      return `"frame_times":[${times.split(",").slice(0, frames).join(",")}]`;
    });
}
