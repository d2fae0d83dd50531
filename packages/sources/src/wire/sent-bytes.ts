import type { Bandwidth } from "./limit-bandwidth.ts";

/** A body whose size is known before it is sent; opened anew for every attempt, so that none is ever held whole. */
export interface SentBytes {
  readonly sizeBytes: number;
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

interface Watch {
  readonly signal: AbortSignal;
  readonly onChunk: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Pulled by the socket, at the pace that is allowed. */
export function sentStream(
  bandwidth: Bandwidth | null,
  { open }: SentBytes,
  { signal, onChunk, onFailure }: Watch,
): ReadableStream<Uint8Array> {
  const chunks = open(signal)[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (done === true) return controller.close();
          await bandwidth?.take(value.length, signal);
          onChunk();
          controller.enqueue(value);
        } catch (error) {
          onFailure(error);
          controller.error(error);
        }
      },
      async cancel() {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
