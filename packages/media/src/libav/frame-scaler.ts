import type { FrameSettings } from "@shardmill/core";
import type { FilterContext, FilterGraph, Frame } from "node-av/lib";
import { ignoredColour, plainColour } from "../sampling/plain-colour.ts";
import type { Libav } from "./load-libav.ts";
import { rotationFilters } from "./rotation-filters.ts";

type Look = Pick<FrameSettings, "size" | "fit">;

/** A picture as it goes into a sample, and what it was. */
export interface Square {
  /** rgb24. */
  readonly pixels: Uint8Array;
  /** As shown, after rotation and before scaling. */
  readonly width: number;
  readonly height: number;
  /** What its colour tags said that no converter understands; null where they were used. */
  readonly ignoredColour: string | null;
}

/**
 * Turns decoded frames into rgb24 squares with FFmpeg's own filters, so that rotation, colour and rounding are
 * those of `ffmpeg -vf scale=...,crop=...`. The filter graph is kept while frames look alike. Close it.
 */
export class FrameScaler {
  readonly #libav: Libav;
  readonly #look: Look;
  readonly #out: Frame;
  #graph: { key: string; graph: FilterGraph; source: FilterContext; sink: FilterContext } | null = null;

  constructor(libav: Libav, look: Look) {
    this.#libav = libav;
    this.#look = look;
    this.#out = new libav.lib.Frame();
    this.#out.alloc();
  }

  /** Null where the frame cannot be converted. */
  toSquare(frame: Frame): Square | null {
    const ignored = this.#makePlain(frame);
    const rotation = rotationFilters(frame.getSideData(this.#libav.constants.AV_FRAME_DATA_DISPLAYMATRIX));
    const isTurned = rotation.some((filter) => filter.startsWith("transpose"));
    const { width, height } = frame;
    const pixels = this.#convert(frame, rotation);
    if (pixels === null) return null;
    return {
      pixels,
      width: isTurned ? height : width,
      height: isTurned ? width : height,
      ignoredColour: ignored,
    };
  }

  #makePlain(frame: Frame): string | null {
    const tags = { matrix: frame.colorSpace, transfer: frame.colorTrc };
    const ignored = ignoredColour(tags);
    if (ignored === null) return null;
    const plain = plainColour(tags);
    // The frame is the decoder's, filled anew for the next picture.
    frame.colorSpace = plain.matrix as Frame["colorSpace"];
    frame.colorTrc = plain.transfer as Frame["colorTrc"];
    return ignored;
  }

  #convert(frame: Frame, rotation: readonly string[]): Uint8Array | null {
    const graph = this.#graphFor(frame, rotation);
    if (graph === null) return null;
    const { AV_BUFFERSRC_FLAG_KEEP_REF } = this.#libav.constants;
    if (graph.source.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF) < 0) return null;
    if (graph.sink.buffersinkGetFrameSync(this.#out) < 0) return null;
    try {
      return this.#out.toBuffer();
    } finally {
      this.#out.unref();
    }
  }

  close(): void {
    this.#graph?.graph.free();
    this.#graph = null;
    this.#out.free();
  }

  #graphFor(
    frame: Frame,
    rotation: readonly string[],
  ): { source: FilterContext; sink: FilterContext } | null {
    const aspect = frame.sampleAspectRatio;
    const source = [
      `video_size=${frame.width}x${frame.height}`,
      `pix_fmt=${frame.format}`,
      "time_base=1/1000000",
      `pixel_aspect=${aspect.num}/${Math.max(1, aspect.den)}`,
      `colorspace=${frame.colorSpace}`,
      `range=${frame.colorRange}`,
    ].join(":");
    const filters = [...rotation, ...fitFilters(this.#look)];
    const key = `${source} ${filters.join(",")}`;
    if (this.#graph?.key !== key) {
      this.#graph?.graph.free();
      this.#graph = buildGraph(this.#libav, key, source, filters);
    }
    return this.#graph;
  }
}

function fitFilters({ size, fit }: Look): string[] {
  const scale = (extra: string) => `scale=${size}:${size}${extra}:flags=bicubic+accurate_rnd+bitexact`;
  switch (fit) {
    case "cover":
      return [scale(":force_original_aspect_ratio=increase"), "format=rgb24", `crop=${size}:${size}`];
    case "contain":
      return [
        scale(":force_original_aspect_ratio=decrease"),
        "format=rgb24",
        `pad=${size}:${size}:(ow-iw)/2:(oh-ih)/2:black`,
      ];
    case "stretch":
      return [scale(""), "format=rgb24"];
    default:
      return fit satisfies never;
  }
}

function buildGraph({ lib }: Libav, key: string, source: string, filters: string[]) {
  const graph = new lib.FilterGraph();
  graph.alloc();
  graph.nbThreads = 1;
  const chain = `buffer@in=${source},${filters.join(",")},buffersink@out`;
  if (graph.parse2(chain) < 0 || graph.configSync() < 0) {
    graph.free();
    return null;
  }
  const sourceContext = graph.getFilter("buffer@in");
  const sinkContext = graph.getFilter("buffersink@out");
  if (sourceContext === null || sinkContext === null) {
    graph.free();
    return null;
  }
  return { key, graph, source: sourceContext, sink: sinkContext };
}
