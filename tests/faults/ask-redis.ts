import { connect } from "node:net";

/** One command to a Redis at `redis://:password@host:port`, by hand: a test from outside needs no client. */
export function askRedis(url: string, ...words: string[]): Promise<string> {
  const { hostname, port, password } = new URL(url);
  const encode = (command: readonly string[]): string =>
    `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
  return new Promise((resolve, fail) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(encode(["AUTH", decodeURIComponent(password)]) + encode(words) + encode(["QUIT"]));
    });
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", fail);
  });
}
