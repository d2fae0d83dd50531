/** What an object is made of. It may be opened again: a request that is lost is sent again from its beginning. */
export interface ObjectBody {
  readonly sizeBytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  open(): Uint8Array | AsyncIterable<Uint8Array>;
}

export interface PutCondition {
  /** Who puts it: kept beside the object, so that a lost answer is known for one's own. */
  readonly writer: string;
  /** Only where nothing has the name. */
  readonly isNew?: boolean;
  /** Only in place of the object with this tag. */
  readonly replaces?: string;
}

/** `refused`: the condition does not hold. */
export type PutEnd = { readonly kind: "done"; readonly etag: string } | { readonly kind: "refused" };

export interface ObjectFacts {
  readonly etag: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly writer: string | null;
  readonly sha256: string | null;
}

export interface ListedObject {
  readonly path: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface ObjectRead {
  readonly etag: string;
  /** Of the whole object. */
  readonly sizeBytes: number;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ListedPage {
  readonly objects: readonly ListedObject[];
  /** What the names below it begin with, up to the next slash and with it; only when folders were asked for. */
  readonly folders: readonly string[];
}

/**
 * The few requests that a store is made of, by paths below the address. Each is sent again while it may help, and ends in a Failure that names the
 * path otherwise; no message of the other side is repeated in it, since some hold what was signed.
 */
export interface Objects {
  put(path: string, body: ObjectBody, condition: PutCondition): Promise<PutEnd>;
  /** Null where nothing has the name; `beyond` where the range begins behind its end; `same`: its tag is `unless`, told without quotes. */
  get(
    path: string,
    asked: {
      readonly range: { readonly start: number; readonly end: number | null } | null;
      readonly unless: string | null;
    },
    signal: AbortSignal | null,
  ): Promise<ObjectRead | "beyond" | "same" | null>;
  head(path: string): Promise<ObjectFacts | null>;
  list(start: string, how: { readonly byFolder: boolean; readonly most?: number }): AsyncIterable<ListedPage>;
  remove(paths: readonly string[]): Promise<void>;
}
