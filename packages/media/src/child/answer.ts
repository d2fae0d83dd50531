import { encodeJpeg } from "../encode/encode-jpeg.ts";
import { imageToJpeg } from "../encode/image-to-jpeg.ts";
import type { RawClip } from "../raw-clip.ts";
import { judgeClip } from "./judge-clip.ts";
import { loadDecoder } from "./load-decoder.ts";
import type { Message } from "./message-stream.ts";
import { parseHeader } from "./parse-header.ts";
import type { ReplyHeader } from "./replies.ts";
import { type ChildRequest, childRequestSchema } from "./requests.ts";
import { splitSpans } from "./split-spans.ts";

export type Send = (header: ReplyHeader, parts?: readonly Uint8Array[]) => void;
type FramesRequest = Extract<ChildRequest, { kind: "frames" }>;

/** Does what one request asks and sends exactly one closing reply; an error that is no verdict is `broken`. */
export async function answer(message: Message, send: Send): Promise<void> {
  try {
    const request = parseHeader(childRequestSchema, message.header);
    const bytes = message.parts[0] ?? new Uint8Array();
    switch (request.kind) {
      case "load":
        send({ kind: "loaded", version: (await loadDecoder(request)).version });
        return;
      case "image":
        await answerImage(request, bytes, send);
        return;
      case "frames":
        await answerFrames(request, bytes, send);
        return;
      case "spans":
        await answerSpans(request, bytes, send);
        return;
      default:
        request satisfies never;
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    send({ kind: "broken", detail });
  }
}

async function answerImage(
  request: Extract<ChildRequest, { kind: "image" }>,
  bytes: Uint8Array,
  send: Send,
): Promise<void> {
  const image = await imageToJpeg(bytes, request.settings);
  if (image.kind === "rejected") send(image);
  else send({ kind: "image", width: image.width, height: image.height }, [image.jpeg]);
}

async function answerFrames(request: FramesRequest, bytes: Uint8Array, send: Send): Promise<void> {
  const decoder = request.settings.decoder;
  const { decode } = await loadDecoder({ decoder, ffmpegPath: request.ffmpegPath });
  const clip = { name: request.name, bytes };
  const never = new AbortController().signal;
  const decoded = await decode(clip, request.settings, never, {
    onProbe: (durationS) => send({ kind: "probe", durationS }),
  });
  const raw = judgeClip(decoded, request.settings);
  if (raw.kind === "rejected") send(raw);
  else await sendFrames(raw, request.settings, send);
}

async function answerSpans(
  { settings, spans, ffmpegPath, name }: Extract<ChildRequest, { kind: "spans" }>,
  bytes: Uint8Array,
  send: Send,
): Promise<void> {
  const { decode } = await loadDecoder({ decoder: settings.decoder, ffmpegPath });
  // Each stretch is judged by itself.
  const asked = { ...settings, minFrameShare: 0, spans };
  const raw = await decode({ name, bytes }, asked, new AbortController().signal, {
    onProbe: (durationS) => send({ kind: "probe", durationS }),
  });
  if (raw.kind === "rejected") return send(raw);
  const clips = splitSpans(raw, spans, settings);
  const frames = clips.flatMap((clip) => (clip.kind === "frames" ? clip.frames : []));
  const headers = clips.map((clip) => {
    if (clip.kind === "rejected") return clip;
    const { frames: _, ...header } = clip;
    return header;
  });
  send({ kind: "spans", clips: headers }, await jpegsOf(frames, settings));
}

async function sendFrames(
  raw: Extract<RawClip, { kind: "frames" }>,
  settings: FramesRequest["settings"],
  send: Send,
): Promise<void> {
  const { frames, spans: _, ...header } = raw;
  send(header, await jpegsOf(frames, settings));
}

/** A picked frame may stand for several instants: it is encoded once. */
function jpegsOf(
  frames: readonly Uint8Array[],
  { size, quality }: FramesRequest["settings"],
): Promise<Uint8Array[]> {
  const picture = { width: size, height: size, quality };
  const encoded = new Map<Uint8Array, Promise<Uint8Array>>();
  for (const frame of frames) if (!encoded.has(frame)) encoded.set(frame, encodeJpeg(frame, picture));
  return Promise.all(frames.map((frame) => encoded.get(frame) ?? encodeJpeg(frame, picture)));
}
