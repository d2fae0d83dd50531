/**
 * The least that an exact extractor can do: of each clip the packets that a plan names go through the decoder, the frames
 * that it takes are scaled and encoded, in this one process. What a plan is made from it is told.
 */
import { defaultRecipe } from "@shardmill/core";
import { digestOf } from "./frames-digest.ts";
import { mediaInside } from "./media-inside.ts";
import { type LimitPlan, planOf } from "./plan-limit.ts";

export type LimitRequest = { readonly plan: readonly string[] } | { readonly decode: readonly LimitPlan[] };

const { loadLibav } = await mediaInside("libav/load-libav.js");
const { FrameScaler } = await mediaInside("libav/frame-scaler.js");
const { encodeJpeg } = await mediaInside("encode/encode-jpeg.js");
const { allowImageFormats } = await mediaInside("encode/allow-image-formats.js");
allowImageFormats();
const libav = await loadLibav();
const { lib, constants } = libav;
const { size, quality } = defaultRecipe;

type Lib = typeof lib;
type Format = InstanceType<Lib["FormatContext"]>;
type Frame = InstanceType<Lib["Frame"]>;

process.on("message", (request: LimitRequest) => {
  const answering = "plan" in request ? plan(request.plan) : work(request.decode);
  void answering.then((answer) => process.send?.(answer));
});
process.send?.("ready");

async function plan(paths: readonly string[]): Promise<LimitPlan[]> {
  const plans: LimitPlan[] = [];
  for (const path of paths) plans.push(await planOf(path));
  return plans;
}

/** Of each clip's frames. */
async function work(plans: readonly LimitPlan[]): Promise<string[]> {
  const digests: string[] = [];
  for (const plan of plans) digests.push(digestOf(await framesOf(plan)));
  return digests;
}

async function framesOf(plan: LimitPlan): Promise<Uint8Array[]> {
  const format = new lib.FormatContext();
  if (format.openInputSync(plan.path, null, null) < 0) throw new Error(`${plan.path} does not open`);
  const scaler = new FrameScaler(libav, defaultRecipe);
  const frame = new lib.Frame();
  frame.alloc();
  const squares: Uint8Array[] = [];
  const taken = new Set(plan.taken);
  let order = 0;
  try {
    for (const _ of decoded(format, plan, frame)) {
      const square = taken.has(order) ? scaler.toSquare(frame) : null;
      if (square !== null) squares.push(square.pixels);
      order += 1;
      if (squares.length === taken.size) break;
    }
  } finally {
    frame.free();
    scaler.close();
    format.closeInputSync();
  }
  return await Promise.all(
    squares.map((pixels) => encodeJpeg(pixels, { width: size, height: size, quality })),
  );
}

/** Fills the frame with one after the other of what the planned packets give. */
function* decoded(format: Format, { stream, runs }: LimitPlan, frame: Frame): Generator<void, void> {
  const context = openDecoder(format, stream);
  const receive = function* () {
    while (context.receiveFrameSync(frame) >= 0) {
      yield;
      frame.unref();
    }
  };
  const drain = function* () {
    context.sendPacketSync(null);
    yield* receive();
    context.flushBuffers();
  };
  try {
    let current = 0;
    for (const { packet, run } of planned(format, stream, runs)) {
      if (run !== current) yield* drain();
      current = run;
      context.sendPacketSync(packet);
      yield* receive();
    }
    yield* drain();
  } finally {
    context.freeContext();
  }
}

function openDecoder(format: Format, stream: number): InstanceType<Lib["CodecContext"]> {
  const { codecpar, timeBase } = format.streams[stream] ?? format.streams[0] ?? {};
  const codec = codecpar === undefined ? null : lib.Codec.findDecoder(codecpar.codecId);
  if (codecpar === undefined || codec === null) throw new Error("expected a video stream with a decoder");
  const context = new lib.CodecContext();
  context.allocContext3(codec);
  context.threadCount = 1;
  context.parametersToContext(codecpar);
  if (timeBase !== undefined) context.pktTimebase = timeBase;
  if (context.open2Sync(codec, null) < 0) throw new Error("the decoder does not open");
  return context;
}

function* planned(format: Format, stream: number, runs: LimitPlan["runs"]) {
  for (const other of format.streams) if (other.index !== stream) other.discard = constants.AVDISCARD_ALL;
  const runOf = new Map(runs.flatMap((run, number) => run.map((time) => [time, number] as const)));
  const packet = new lib.Packet();
  packet.alloc();
  try {
    let left = runOf.size;
    while (left > 0 && format.readFrameSync(packet) >= 0) {
      const run = packet.streamIndex === stream ? runOf.get(String(packet.pts)) : undefined;
      if (run !== undefined) {
        left -= 1;
        yield { packet, run };
      }
      packet.unref();
    }
  } finally {
    packet.free();
  }
}
