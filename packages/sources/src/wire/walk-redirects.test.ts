import { expect, it } from "vitest";
import { type RedirectProblem, type RedirectWalk, walkRedirects } from "./walk-redirects.ts";

interface Page {
  readonly status: number;
  readonly location: string | null;
}

/** A web of pages by address; whatever has no page answers 200. Addresses are noted as they are asked and left. */
function web(pages: Readonly<Record<string, Page>>, more: Partial<RedirectWalk<Page>> = {}) {
  const asked: string[] = [];
  let left = 0;
  const walk: RedirectWalk<Page> = {
    ask: async (url) => {
      asked.push(url.href);
      return pages[url.href] ?? { status: 200, location: null };
    },
    lookAt: (page) => page,
    leave: () => {
      left += 1;
    },
    refuse: (problem) => Object.assign(new Error(problem), { problem }),
    ...more,
  };
  const go = (start: string): Promise<Page> => walkRedirects(new URL(start), walk);
  return { asked, go, left: () => left };
}

const to = (location: string | null, status = 302): Page => ({ status, location });

it("follows relative, absolute and scheme-less addresses, and leaves every redirecting answer", async () => {
  const { asked, go, left } = web({
    "https://a.example/x/y?sig=1": to("../z"),
    "https://a.example/z": to("//b.example/q", 308),
    "https://b.example/q": to("https://c.example/", 307),
  });
  expect(await go("https://a.example/x/y?sig=1")).toMatchObject({ status: 200 });
  expect(asked.slice(1)).toEqual(["https://a.example/z", "https://b.example/q", "https://c.example/"]);
  expect(left()).toBe(3);
});

it.each<[RedirectProblem, string | null]>([
  ["no_address", null],
  ["unreadable_address", "http://[nothing"],
  ["not_http", "file:///etc/passwd"],
  ["not_http", "javascript:alert(1)"],
  ["user_name", "https://user:secret@b.example/"],
  ["away_from_https", "http://a.example/"],
  ["loop", "/"],
  ["loop", ""],
])("refuses %s (%s) without asking for it", async (problem, location) => {
  const { asked, go, left } = web({ "https://a.example/": to(location) });
  await expect(go("https://a.example/")).rejects.toMatchObject({ problem });
  expect([asked, left()]).toEqual([["https://a.example/"], 1]);
});

it("asks no address twice in a circle of several, and ends after five redirects that all differ", async () => {
  const circle = web({ "http://a/1": to("/2"), "http://a/2": to("/3"), "http://a/3": to("/1") });
  await expect(circle.go("http://a/1")).rejects.toMatchObject({ problem: "loop" });
  expect(circle.asked).toHaveLength(3);
  const chain = Object.fromEntries(
    Array.from({ length: 9 }, (_, at) => [`http://a/${at}`, to(`/${at + 1}`)]),
  );
  const long = web(chain);
  await expect(long.go("http://a/0")).rejects.toMatchObject({ problem: "too_many" });
  expect(long.asked).toHaveLength(6);
  // Five are fine, and the bound can be lower.
  expect(await web(chain).go("http://a/4")).toMatchObject({ status: 200 });
  const none = web(chain, { maxRedirects: 0 });
  await expect(none.go("http://a/0")).rejects.toMatchObject({ problem: "too_many" });
  expect(none.asked).toHaveLength(1);
});

it("lets only those who say so lead from https to http, and everybody from http to https", async () => {
  const pages = { "https://a/": to("http://b/"), "http://a/": to("https://b/") };
  expect(await web(pages, { mayLeaveHttps: true }).go("https://a/")).toMatchObject({ status: 200 });
  expect(await web(pages).go("http://a/")).toMatchObject({ status: 200 });
});

it("leaves the answer when what it shows on the way is refused", async () => {
  const { go, left, asked } = web(
    { "http://a/": to("/b") },
    {
      onRedirect: () => {
        throw new Error("another object");
      },
    },
  );
  await expect(go("http://a/")).rejects.toThrow("another object");
  expect([left(), asked.length]).toEqual([1, 1]);
});
