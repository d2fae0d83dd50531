import { describe, expect, it } from "vitest";
import { Lending } from "./lending.ts";

const never = new AbortController().signal;

describe("lending", () => {
  it("lends each thing to one at a time, first come first served", async () => {
    const lending = new Lending(["a"]);
    const order: string[] = [];
    const { giveBack } = await lending.take(never);
    const waiting = ["first", "second"].map(async (who) => {
      const lent = await lending.take(never);
      order.push(who);
      lent.giveBack();
    });
    giveBack();
    await Promise.all(waiting);
    expect(order).toEqual(["first", "second"]);
  });

  it("lends no thing twice when it is given back twice", async () => {
    const lending = new Lending(["a", "b"]);
    const first = await lending.take(never);
    first.giveBack();
    first.giveBack();
    const both = await Promise.all([lending.take(never), lending.take(never)]);
    expect(both.map(({ item }) => item).sort()).toEqual(["a", "b"]);
  });

  it("forgets whoever no longer wants one", async () => {
    const lending = new Lending(["a"]);
    const { giveBack } = await lending.take(never);
    const controller = new AbortController();
    const left = lending.take(controller.signal);
    const stayed = lending.take(never);
    controller.abort(new Error("enough"));
    await expect(left).rejects.toThrow("enough");
    giveBack();
    expect((await stayed).item).toBe("a");
    await expect(lending.take(controller.signal)).rejects.toThrow("enough");
  });

  it("refuses once closed, those who wait as well", async () => {
    const lending = new Lending(["a"]);
    await lending.take(never);
    const waiting = lending.take(never);
    lending.close(new Error("closed"));
    await expect(waiting).rejects.toThrow("closed");
    await expect(lending.take(never)).rejects.toThrow("closed");
  });
});
