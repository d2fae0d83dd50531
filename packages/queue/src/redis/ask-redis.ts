import { connect } from "node:net";

/**
 * Sends commands on a connection of its own and resolves to the replies, each as text. For the child that holds a private
 * server: loading a whole client there would take longer than the server needs to start.
 */
export function askRedis(port: number, commands: readonly (readonly string[])[]): Promise<string[]> {
  return new Promise((resolve, fail) => {
    const socket = connect({ host: "127.0.0.1", port });
    let received = Buffer.alloc(0);
    socket.once("connect", () => socket.write(commands.map(encode).join("")));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      const replies = decode(received);
      const refused = replies.find(({ isError }) => isError);
      if (refused !== undefined) fail(new Error(refused.text));
      else if (replies.length >= commands.length) resolve(replies.map(({ text }) => text));
      else return;
      socket.destroy();
    });
    socket.once("error", fail);
    socket.once("close", () => fail(new Error("the server closed the connection")));
  });
}

function encode(command: readonly string[]): string {
  const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${words.join("")}`;
}

interface Reply {
  readonly isError: boolean;
  readonly text: string;
}

/** The complete replies so far. Only single values are asked for here: status, error, number, bulk text. */
function decode(bytes: Buffer): Reply[] {
  const replies: Reply[] = [];
  let at = 0;
  for (let end = bytes.indexOf("\r\n", at); end >= 0; end = bytes.indexOf("\r\n", at)) {
    const kind = String.fromCharCode(bytes[at] ?? 0);
    const line = bytes.toString("utf8", at + 1, end);
    at = end + 2;
    if (kind !== "$") {
      replies.push({ isError: kind === "-", text: line });
      continue;
    }
    const size = Number(line);
    if (bytes.length < at + size + 2) break;
    replies.push({ isError: false, text: bytes.toString("utf8", at, at + size) });
    at += size + 2;
  }
  return replies;
}
