import { localFileSystem, openStore, type Store } from "@shardmill/store";

/** How often the file system was asked for something; what takes long on a network is this, whatever the machine does. */
export interface Asked {
  opened: number;
  listed: number;
  looked: number;
}

/** A store that counts. */
export async function countingStore(root: string): Promise<{ store: Store; asked: Asked }> {
  const { fs, asked } = countingFs();
  return { store: await openStore(root, { fs }), asked };
}

/** Nothing waits for the disk: what is written is read at once and thrown away. */
export function countingFs(): { fs: typeof localFileSystem; asked: Asked } {
  const asked: Asked = { opened: 0, listed: 0, looked: 0 };
  const fs: typeof localFileSystem = {
    ...localFileSystem,
    syncFolder: async () => undefined,
    async open(path, how, mode) {
      if (how === "read") asked.opened += 1;
      return { ...(await localFileSystem.open(path, how, mode)), sync: async () => undefined };
    },
    async readdir(path) {
      asked.listed += 1;
      return localFileSystem.readdir(path);
    },
    async stat(path) {
      asked.looked += 1;
      return localFileSystem.stat(path);
    },
  };
  return { fs, asked };
}
