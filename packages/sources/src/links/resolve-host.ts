import { lookup } from "node:dns/promises";

/** Every address of a name, as the system knows it. */
export type Resolve = (host: string) => Promise<{ address: string; family: 4 | 6 }[]>;

export const resolveHost: Resolve = async (host) => {
  const addresses = await lookup(host, { all: true, verbatim: true });
  return addresses.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};
