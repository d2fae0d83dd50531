import type { InflateRaw } from "node:zlib";

/** The compressed data is damaged or ends too early; everything decoded before that has been handed out. */
export class InflateError extends Error {
  override readonly name = "InflateError";
  readonly isTruncated: boolean;

  constructor(cause: Error, isTruncated = "code" in cause && cause.code === "Z_BUF_ERROR") {
    super(cause.message, { cause });
    this.isTruncated = isTruncated;
  }
}

/** Deflate expands 1,032 times at most: a slice can never turn into more than 32 MiB before somebody looks at it. */
const sliceBytes = 32 * 1024;

/**
 * Decompresses a stream, pulled by the consumer. A plain pipe would throw away what it has decoded when the data turns out
 * to be cut off; here it comes out first, so that whole members before the cut are not lost. While the consumer looks at
 * one slice's output, the next slice is being decompressed.
 */
export async function* inflate(
  decoder: InflateRaw,
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const output: Uint8Array[] = [];
  const state: { error: Error | null; ended: boolean; wake: () => void } = {
    error: null,
    ended: false,
    wake: () => undefined,
  };
  decoder.on("data", (chunk: Uint8Array) => output.push(chunk));
  decoder.on("end", () => {
    state.ended = true;
    state.wake();
  });
  decoder.on("error", (error: Error) => {
    state.error = error;
    state.wake();
  });
  const settled = (start: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      state.wake = resolve;
      start(resolve);
    });
  try {
    for await (const slice of slices(input)) {
      const written = settled((done) => decoder.write(slice, done));
      yield* drain(output);
      await written;
      if (state.ended || state.error !== null) break;
    }
    if (!state.ended && state.error === null) await settled(() => decoder.end());
    yield* drain(output);
    if (state.error !== null) throw new InflateError(state.error);
  } finally {
    decoder.destroy();
  }
}

function* drain(output: Uint8Array[]): Generator<Uint8Array> {
  for (let chunk = output.shift(); chunk !== undefined; chunk = output.shift()) yield chunk;
}

async function* slices(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of input)
    for (let at = 0; at < chunk.length; at += sliceBytes) yield chunk.subarray(at, at + sliceBytes);
}
