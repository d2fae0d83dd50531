import type { LookupFunction } from "node:net";
import type { Resolve } from "./resolve-host.ts";

/** Node connects to the address that this gives, and asks for no other. */
export function checkedLookup(
  resolve: Resolve,
  isAllowed: (address: string) => boolean,
  refusal: () => Error,
): LookupFunction {
  return (host, options, done) => {
    resolve(host).then(
      (addresses) => {
        const allowed = addresses.filter(({ address }) => isAllowed(address));
        const first = allowed[0];
        if (first === undefined) done(refusal(), "", 4);
        else if (options.all === true) done(null, allowed);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, "", 4),
    );
  };
}
