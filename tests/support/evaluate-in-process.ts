import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { get, request } from "node:http";
import type { Socket } from "node:net";
import { until } from "../faults/until.ts";

/**
 * Runs JavaScript inside another Node process through its inspector, which SIGUSR1 opens on 127.0.0.1:9229
 * (nodejs.org/api/debugger.html): the way to give a process of the product a fault that the product has no switch for.
 */
export async function evaluateInProcess(pid: number, expression: string): Promise<void> {
  process.kill(pid, "SIGUSR1");
  const target = await until("the inspector", () => inspectorPath());
  const socket = await openWebSocket(target);
  const method = "Runtime.evaluate";
  socket.write(textFrame(JSON.stringify({ id: 1, method, params: { expression } })));
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  if (answer.includes("exceptionDetails")) throw new Error(`the process threw: ${answer.toString("latin1")}`);
}

function inspectorPath(): Promise<string | null> {
  return new Promise((resolve) => {
    const asking = get("http://127.0.0.1:9229/json/list", async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      const [target] = JSON.parse(text) as { webSocketDebuggerUrl: string }[];
      resolve(target === undefined ? null : new URL(target.webSocketDebuggerUrl).pathname);
    });
    asking.on("error", () => resolve(null));
  });
}

async function openWebSocket(path: string): Promise<Socket> {
  const key = randomBytes(16).toString("base64");
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": key,
  };
  const asking = request({ host: "127.0.0.1", port: 9229, path, headers });
  asking.end();
  const [, socket] = (await once(asking, "upgrade")) as [unknown, Socket];
  return socket;
}

/** RFC 6455 section 5.2: one final text frame, masked as a client's must be. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const length = Buffer.alloc(4);
  length.writeUInt8(0x81, 0);
  length.writeUInt8(0x80 | 126, 1);
  length.writeUInt16BE(payload.length, 2);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([length, mask, masked]);
}
