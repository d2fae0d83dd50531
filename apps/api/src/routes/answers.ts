import compress from "@fastify/compress";
import etag from "@fastify/etag";
import type { App } from "./app.ts";

/**
 * How answers travel. Each has an ETag of its content, and is asked for again every time: one that is as it was costs its
 * head alone. Large ones are compressed; bodies of requests are taken as they are.
 */
export async function answerWell(app: App): Promise<void> {
  app.addHook("onSend", async (request, reply) => {
    if (reply.hasHeader("cache-control")) return;
    const isKept = (request.method === "GET" || request.method === "HEAD") && reply.statusCode === 200;
    reply.header("cache-control", isKept ? "private, no-cache" : "no-store");
  });
  await app.register(etag, { weak: true });
  // Brotli at its usual level takes longer than the link would; requests are never unpacked.
  await app.register(compress, { encodings: ["gzip", "identity"], globalDecompression: false });
}
