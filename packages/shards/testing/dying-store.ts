import type { Store } from "@shardmill/store";

/** A store in which from its n-th request for a change or a look on nothing happens any more, as after a kill. */
export function dyingAt(store: Store, deadly: number): { readonly store: Store; isDead(): boolean } {
  let calls = 0;
  const dying = <T extends object>(asked: T): T =>
    new Proxy(asked, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return async (...given: unknown[]) => {
          calls += 1;
          if (calls >= deadly) throw new Error("dead");
          return Reflect.apply(value, target, given);
        };
      },
    });
  const { conditional } = store;
  if (conditional === null) throw new Error("no bucket");
  const isConditional = dying(conditional);
  const whole = new Proxy(store, {
    get(target, name) {
      if (name === "conditional") return isConditional;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { store: whole, isDead: () => calls >= deadly };
}
