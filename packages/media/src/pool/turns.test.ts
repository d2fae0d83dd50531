import { describe, expect, it } from "vitest";
import { Turns } from "./turns.ts";

const never = new AbortController().signal;

describe("turns", () => {
  it("lend each thing to one at a time, first come first served", async () => {
    const turns = new Turns(["a"]);
    const order: string[] = [];
    await turns.take(never);
    const waiting = ["first", "second"].map(async (who) => {
      await turns.take(never);
      order.push(who);
      turns.give("a");
    });
    turns.give("a");
    await Promise.all(waiting);
    expect(order).toEqual(["first", "second"]);
  });

  it("are given up by who no longer wants one", async () => {
    const turns = new Turns(["a"]);
    await turns.take(never);
    const controller = new AbortController();
    const left = turns.take(controller.signal);
    const stayed = turns.take(never);
    controller.abort(new Error("enough"));
    await expect(left).rejects.toThrow("enough");
    turns.give("a");
    expect(await stayed).toBe("a");
    await expect(turns.take(controller.signal)).rejects.toThrow("enough");
  });

  it("are refused once closed, to those who wait as well", async () => {
    const turns = new Turns<string>([]);
    const waiting = turns.take(never);
    turns.close(new Error("closed"));
    await expect(waiting).rejects.toThrow("closed");
    await expect(turns.take(never)).rejects.toThrow("closed");
  });
});
