import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface PrivateFile extends AsyncDisposable {
  /** Opens for this user's processes only, and only as long as this one lives. */
  readonly path: string;
  /** For reading and writing; closed on disposal. */
  readonly handle: FileHandle;
}

/**
 * Bytes as a file that ffmpeg can seek in (an mp4 whose index lies at its end cannot come through a pipe). It lies
 * in a folder of mode 0700 and has lost its name before anybody opens it, so that not even a SIGKILL leaves it
 * behind; ffmpeg reaches it by this process's descriptor. Where there is no /proc it is removed on disposal.
 */
export async function openPrivateFile(bytes: Uint8Array): Promise<PrivateFile> {
  const folder = await mkdtemp(join(tmpdir(), "shardmill-media-"));
  let handle: FileHandle | null = null;
  const dispose = async (): Promise<void> => {
    await handle?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const named = join(folder, "clip");
    handle = await open(named, "wx+", 0o600);
    const isLinux = process.platform === "linux";
    if (isLinux) await rm(folder, { recursive: true });
    await handle.writeFile(bytes);
    const path = isLinux ? `/proc/${process.pid}/fd/${handle.fd}` : named;
    return { path, handle, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
