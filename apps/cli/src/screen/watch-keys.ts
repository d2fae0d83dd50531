/** Calls back on q, Escape or Ctrl-C; nothing is echoed meanwhile. Returns how to give the keyboard back. */
export function watchKeys(stdin: NodeJS.ReadStream, onQuit: () => void): () => void {
  if (!stdin.isTTY) return () => undefined;
  const onData = (bytes: Buffer): void => {
    const key = bytes.toString("latin1");
    if (["q", "Q", "\u0003", "\u001b"].includes(key)) onQuit();
  };
  stdin.setRawMode(true);
  stdin.resume();
  stdin.on("data", onData);
  return () => {
    stdin.off("data", onData);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
