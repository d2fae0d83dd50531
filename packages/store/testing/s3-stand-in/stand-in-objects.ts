import { createHash } from "node:crypto";

export interface StandInObject {
  readonly bytes: Buffer;
  /** As in headers, in quotes. */
  readonly etag: string;
  readonly modified: Date;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How a store deviates from what AWS does, as stores that were measured do. */
export interface StandInMode {
  /** GCS, Wasabi and Garage answer a conditional put as any other; B2 and Swift with a 501. */
  readonly conditions?: "kept" | "ignored" | "refused" | "new-only";
  /** radosgw 16 compares tags without quotes, and takes no others. */
  readonly tags?: "quoted" | "unquoted";
  readonly keepsMetadata?: boolean;
  readonly keepsRanges?: boolean;
  /** A listing shows what was there so many changes ago. */
  readonly listsLate?: number;
  /** As radosgw: a body in chunks without a Content-Length is a 411. */
  readonly needsLength?: boolean;
  /** Every GET is answered with a 302 to another place. */
  readonly redirects?: boolean;
  readonly pageSize?: number;
}

export type ConditionEnd = "holds" | "fails" | "unsupported" | "absent";

/** The objects of one bucket. */
export class StandInObjects {
  readonly mode: StandInMode;
  readonly all = new Map<string, StandInObject>();
  readonly #past: (readonly [string, StandInObject | null])[] = [];

  constructor(mode: StandInMode) {
    this.mode = mode;
  }

  /** What the conditions of a put say of the object that is there. */
  judge(
    key: string,
    headers: { ifNoneMatch: string | undefined; ifMatch: string | undefined },
  ): ConditionEnd {
    const { ifNoneMatch, ifMatch } = headers;
    if (ifNoneMatch === undefined && ifMatch === undefined) return "holds";
    if (this.mode.conditions === "ignored") return "holds";
    if (this.mode.conditions === "new-only" && ifNoneMatch === undefined) return "holds";
    if (this.mode.conditions === "refused") return "unsupported";
    const there = this.all.get(key);
    if (ifNoneMatch !== undefined) return there === undefined ? "holds" : "fails";
    if (there === undefined) return "absent";
    const wanted = this.mode.tags === "unquoted" ? there.etag.replaceAll('"', "") : there.etag;
    return ifMatch === wanted ? "holds" : "fails";
  }

  put(key: string, bytes: Buffer, metadata: Record<string, string>): StandInObject {
    const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
    const kept = this.mode.keepsMetadata === false ? {} : metadata;
    const object = { bytes, etag, modified: new Date(), metadata: kept };
    this.#remember(key);
    this.all.set(key, object);
    return object;
  }

  remove(key: string): void {
    this.#remember(key);
    this.all.delete(key);
  }

  /** Those whose name begins so, in the order of the names' bytes. */
  listed(prefix: string): [string, StandInObject][] {
    const seen = new Map(this.all);
    const late = this.mode.listsLate ?? 0;
    if (late > 0) {
      for (const [key, before] of this.#past.slice(-late).reverse()) {
        if (before === null) seen.delete(key);
        else seen.set(key, before);
      }
    }
    const named = [...seen].filter(([key]) => key.startsWith(prefix));
    return named
      .map((entry) => ({ entry, bytes: Buffer.from(entry[0]) }))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
      .map(({ entry }) => entry);
  }

  #remember(key: string): void {
    if (this.mode.listsLate !== undefined) this.#past.push([key, this.all.get(key) ?? null]);
  }
}
