import { connect, createServer, type Socket } from "node:net";

export interface FrailWay {
  /** The same server by this way. */
  readonly url: string;
  /** How many of the next connections are accepted and closed at once, as by a server that dies just then. */
  breaks: number;
  /** How many further connections get answers; those after them are held open in silence. */
  answers: number;
  /** The answer that holds this text is the last one that a connection gets; null: there is no last one. */
  lastAnswer: string | null;
  /** How many connections are held in silence from their beginning. */
  readonly held: number;
  close(): Promise<void>;
}

/** A way to a Redis that can be made to break. */
export async function frailWayTo(url: string): Promise<FrailWay> {
  const far = new URL(url);
  const open = new Set<Socket>();
  const silent = new Set<Socket>();
  const server = createServer((near) => {
    near.on("error", () => {});
    if (way.breaks > 0) {
      way.breaks -= 1;
      near.destroy();
      return;
    }
    near.once("close", () => open.delete(near));
    open.add(near);
    if (way.answers === 0) {
      silent.add(near);
      near.once("close", () => silent.delete(near)).resume();
      return;
    }
    way.answers -= 1;
    const through = connect(Number(far.port), far.hostname);
    through.on("error", () => near.destroy());
    open.add(through);
    through.once("close", () => open.delete(through));
    near.pipe(through);
    through.on("data", (bytes) => {
      near.write(bytes);
      if (way.lastAnswer !== null && bytes.includes(way.lastAnswer)) through.destroy();
    });
    through.once("end", () => near.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const near = new URL(url);
  near.port = String(typeof address === "object" && address !== null ? address.port : 0);
  const way: FrailWay = {
    url: near.href,
    breaks: 0,
    answers: Number.POSITIVE_INFINITY,
    lastAnswer: null,
    get held() {
      return silent.size;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return way;
}
