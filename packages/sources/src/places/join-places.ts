import type { ByteSource, FileIdentity, Source } from "@shardmill/core";

/**
 * Several places as one source: the paths of a further one begin with its prefix. What is asked of a file is asked of the place that
 * holds it; name and revision are those of the first.
 */
export function joinPlaces(own: Source, further: ReadonlyMap<string, Source>): Source {
  if (further.size === 0) return own;
  const places = new Map([...further].map(([prefix, place]) => [prefix, below(prefix, place)]));
  const of = (path: string): Source => {
    for (const [prefix, place] of places) if (path.startsWith(prefix)) return place;
    return own;
  };
  return {
    name: own.name,
    revision: own.revision,
    async *list(signal) {
      for (const place of [own, ...places.values()]) yield* place.list(signal);
    },
    passedOver: () => [own, ...places.values()].flatMap((place) => place.passedOver?.() ?? []),
    open: (file) => of(file.path).open(file),
    of,
  };
}

/** A place as it is seen from among others. */
function below(prefix: string, place: Source): Source {
  const inside = (file: FileIdentity): FileIdentity => ({ ...file, path: file.path.slice(prefix.length) });
  const outside = (file: FileIdentity): FileIdentity => ({ ...file, path: `${prefix}${file.path}` });
  const { look } = place;
  return {
    name: place.name,
    revision: place.revision,
    async *list(signal) {
      for await (const file of place.list(signal)) yield outside(file);
    },
    passedOver: () => (place.passedOver?.() ?? []).map((line) => `${place.name}: ${line}`),
    open: (file): ByteSource => place.open(inside(file)),
    ...(look !== undefined && {
      look: async (path: string) => {
        const found = await look.call(place, path.slice(prefix.length));
        return found === null ? null : outside(found);
      },
    }),
  };
}
