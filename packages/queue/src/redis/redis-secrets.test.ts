import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { hideSecrets, withoutSecrets } from "./redis-secrets.ts";

describe("what an address of Redis keeps to itself", () => {
  it.each([
    ["redis://:s3cretpw@h", "refused 's3cretpw' and xs3cretpwx", "refused '***' and x***x"],
    ["redis://jane:a%2Bb%26cdef@h", "jane a%2Bb%26cdef a+b&cdef", "*** *** ***"],
    ["redis://h/?password=hidden-one", "hidden-one", "***"],
    ["redis://:1@127.0.0.1:6379", "1 at 127.0.0.1:6379", "*** at 127.0.0.1:6379"],
    ["redis://default:(@h", "the default (", "the default ***"],
    ["redis://h", "nothing to hide", "nothing to hide"],
    [
      "redis://:longest-of-all@h",
      "ERR unknown command 'auth', with args beginning with: 'longest-",
      "ERR unknown command 'auth'",
    ],
  ])("%s", (url, text, expected) => {
    expect(hideSecrets(text, url)).toBe(expected);
  });

  it("is in no part of an error, and its code and the command's name are left", () => {
    const cause = new Error("met s3cretpw");
    const met = Object.assign(new Error("WRONGPASS s3cretpw", { cause }), {
      command: { name: "auth", args: ["s3cretpw"] },
      code: "E1",
    });
    met.name = "ReplyError";
    const shown = withoutSecrets(met, "redis://:s3cretpw@h");
    expect(inspect(shown, { depth: 9, showHidden: true })).not.toContain("s3cretpw");
    expect(shown).toMatchObject({
      name: "ReplyError",
      message: "WRONGPASS ***",
      code: "E1",
      command: { name: "auth" },
    });
  });
});
