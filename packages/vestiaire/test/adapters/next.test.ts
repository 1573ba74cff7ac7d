// The adapter for Next.js, on a stand-in for next/headers. The real one, and the contract for route handlers, are in
// `examples/next/test`.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type NextCookieAttributes,
  type NextHeaders,
  type SessionView,
  session,
} from "../../src/adapters/next.ts";
import type { CookieOptions } from "../../src/core/cookie.ts";
import type { SessionEvent } from "../../src/core/events.ts";
import { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import { manualClock } from "../../src/testing/clock.ts";

interface Visitor {
  name: string;
}

interface Written {
  readonly name: string;
  readonly value: string;
  readonly attributes: NextCookieAttributes;
}

/** What Next.js knows of one request: its headers, and its cookies, which an action may change. */
class Exchange implements NextHeaders {
  readonly written: Written[] = [];
  readonly #headers: Headers;
  readonly #jar = new Map<string, string>();

  constructor(headers: Record<string, string>) {
    this.#headers = new Headers(headers);
    for (const sent of headers.cookie?.split("; ") ?? []) {
      const [name = "", value = ""] = sent.split("=");
      this.#jar.set(name, decodeURIComponent(value));
    }
  }

  headers = async () => this.#headers;

  cookies = async () => ({
    getAll: () => [...this.#jar].map(([name, value]) => ({ name, value })),
    set: (name: string, value: string, attributes: NextCookieAttributes) => {
      this.#jar.set(name, value);
      this.written.push({ name, value, attributes });
    },
  });
}

/** Sessions whose requests are made one after the other. */
function trial(cookie: CookieOptions = {}) {
  const store = new TrialStore("later");
  const clock = manualClock();
  const events: SessionEvent[] = [];
  let exchange = new Exchange({});
  const { read, action, route } = session<Visitor>(
    { store, clock, cookie, sweep: false, onEvent: (event) => events.push(event) },
    { headers: () => exchange.headers(), cookies: () => exchange.cookies() },
  );
  const begin = (headers: Record<string, string> = {}) => {
    exchange = new Exchange(headers);
    return exchange;
  };
  const signIn = action((session, persistent?: boolean) => {
    session.signIn("ada", persistent === undefined ? {} : { persistent });
  });
  /** Signs in, and answers the header that the browser sends from then on. */
  const visitor = async () => {
    const { written } = begin();
    await signIn();
    return { cookie: `${written[0]?.name}=${written[0]?.value}` };
  };
  return { store, clock, events, read, action, route, begin, signIn, visitor };
}

/** An error as Next.js throws it to say what the answer is. */
const saying = (digest: string) => Object.assign(new Error(digest), { digest });

describe("in Next.js", () => {
  test("the cookie has each of its attributes, and no other", async () => {
    const scope = { path: "/shop=1", domain: "example.org", sameSite: "None", secure: true } as const;
    for (const [options, persistent, name, attributes] of [
      [{}, false, "session", { path: "/", httpOnly: true, sameSite: "lax" }],
      [{}, true, "session", { path: "/", httpOnly: true, sameSite: "lax", maxAge: 30 * 86_400 }],
      [
        scope,
        false,
        "__Secure-session",
        { path: "/shop=1", domain: "example.org", httpOnly: true, secure: true, sameSite: "none" },
      ],
    ] as const) {
      const { begin, signIn } = trial(options);
      const { written } = begin();
      await signIn(persistent);
      assert.deepEqual(
        written.map(({ value, ...rest }) => ({ ...rest, value: /^\w+\.[\w-]+$/.test(value) })),
        [{ name, attributes, value: true }],
      );
    }
  });

  test("a sign-out takes the cookie back", async () => {
    const { begin, action, visitor } = trial();
    const { written } = begin(await visitor());
    await action((session) => void session.signOut())();
    const attributes = { path: "/", httpOnly: true, sameSite: "lax", maxAge: 0 };
    assert.deepEqual(written, [{ name: "session", value: "", attributes }]);
  });

  test("X-Forwarded-Proto decides about HTTPS, as it does for route handlers", async () => {
    const { begin, signIn } = trial();
    for (const [proto, name, secure] of [
      ["http", "session", undefined],
      ["https", "__Host-session", true],
    ] as const) {
      const { written } = begin({ host: "example.org", "x-forwarded-proto": proto });
      await signIn();
      assert.deepEqual([written[0]?.name, written[0]?.attributes.secure], [name, secure]);
    }
  });

  test("a proxy that hides HTTPS is told of", async (t) => {
    const { mock } = t.mock.method(console, "error", () => {});
    const { begin, signIn, events } = trial();
    const headers = { host: "example.org", "x-forwarded-proto": "http", "sec-fetch-site": "same-origin" };
    begin(headers);
    await signIn();
    assert.ok(events.some(({ type }) => type === "undeclaredProxy"));
    assert.equal(mock.callCount(), 1);
  });

  test("what an action did is committed before it answers, and read in the same request", async () => {
    const { begin, action, read, store, visitor } = trial();
    begin(await visitor());
    const bob = action(async (session, name: string) => {
      session.signIn("bob").set("name", name);
      return 7;
    });
    assert.equal(await bob("Bob"), 7);
    assert.deepEqual(store.calls.slice(-2), ["create", "delete"]);
    const { userId, data } = await read();
    assert.deepEqual([userId, { ...data }], ["bob", { name: "Bob" }]);
  });

  test("redirects and HTTP fallbacks are answers of their status, anything else thrown is a 500", async () => {
    for (const [thrown, cookies] of [
      [saying("NEXT_REDIRECT;push;/;307;"), 1],
      [saying("NEXT_HTTP_ERROR_FALLBACK;404"), 1],
      [saying("NEXT_HTTP_ERROR_FALLBACK;401"), 1],
      [saying("NEXT_HTTP_ERROR_FALLBACK;500"), 0],
      [saying("3912384"), 0],
      [saying("my NEXT_REDIRECT;"), 0],
      [new Error("own"), 0],
      ["own", 0],
      [null, 0],
      [undefined, 0],
    ] as const) {
      const { begin, action } = trial();
      const { written } = begin();
      const act = action((session) => {
        session.signIn("ada");
        throw thrown;
      });
      await assert.rejects(act(), (error) => error === thrown);
      assert.equal(written.length, cookies, String(thrown));
    }
  });

  test("a redirect that a route throws is committed, and Next.js is given the cookie and the redirect", async () => {
    const { begin, route, read, store } = trial();
    const thrown = saying("NEXT_REDIRECT;push;/;307;");
    const answer = route((_request, session) => {
      session.signIn("ada");
      throw thrown;
    });
    const { written } = begin();
    await assert.rejects(answer(new Request("http://localhost/")), (error) => error === thrown);
    assert.deepEqual([written.length, store.calls], [1, ["create"]]);
    assert.equal((await read()).userId, "ada");
    store.fail("create");
    const failed = begin();
    assert.equal((await answer(new Request("http://localhost/"))).status, 503);
    assert.deepEqual(failed.written, []);
  });

  test("an HTTP fallback that a route throws is its answer, with the cookie; anything else commits nothing", async () => {
    for (const [thrown, status] of [
      [saying("NEXT_HTTP_ERROR_FALLBACK;404"), 404],
      [saying("NEXT_HTTP_ERROR_FALLBACK;401"), 401],
      [saying("NEXT_HTTP_ERROR_FALLBACK;500"), null],
      [new Error("own"), null],
    ] as const) {
      const { begin, route, store } = trial();
      const { written } = begin();
      const answer = route((_request, session) => {
        session.set("name", "Ada");
        throw thrown;
      })(new Request("http://localhost/"));
      if (status === null) await assert.rejects(answer, (error) => error === thrown);
      else {
        const response = await answer;
        assert.equal(response.status, status);
        assert.match(response.headers.get("set-cookie") ?? "", /^session=/);
      }
      assert.deepEqual([written, store.calls], [[], status === null ? [] : ["create"]]);
    }
  });

  test("an action that throws signs out all the same", async () => {
    const { begin, action, read, visitor } = trial();
    const ada = await visitor();
    const { written } = begin(ada);
    const act = action((session) => {
      session.signOut();
      throw new Error("own");
    });
    await assert.rejects(act(), /own/);
    assert.equal(written[0]?.attributes.maxAge, 0);
    begin(ada);
    assert.equal((await read()).userId, null);
  });

  test("a store that fails is a StoreError in spite of a redirect, and no cookie", async () => {
    const { begin, action, read, store, visitor } = trial();
    const ada = await visitor();
    store.fail("create");
    const { written } = begin(ada);
    const act = action((session) => {
      session.signIn("bob");
      throw saying("NEXT_REDIRECT;push;/;307;");
    });
    await assert.rejects(act(), { code: "STORE_FAILED" });
    assert.deepEqual(written, []);
    store.fail();
    begin(ada);
    await assert.rejects(read(), { code: "STORE_FAILED" });
    begin();
    assert.equal((await read()).userId, null);
  });

  test("reading counts as a visit, and changes nothing else", async () => {
    const { begin, read, store, clock, visitor } = trial();
    const ada = await visitor();
    const { written } = begin(ada);
    const before = (await read()).expiresAt ?? 0;
    assert.deepEqual(store.calls, ["create", "find"]);
    clock.advance(2 * 3_600_000);
    await read();
    assert.deepEqual(store.calls, ["create", "find", "find", "patch"]);
    assert.ok(((await read()).expiresAt ?? 0) > before);
    assert.deepEqual(written, []);
  });

  test("what is read can be handed on, but not written to", async () => {
    const { begin, read, visitor } = trial();
    begin(await visitor());
    const view: SessionView<Visitor> = await read();
    assert.ok(!("set" in view) && !("signOut" in view));
    const name: string | undefined = view.data.name;
    assert.equal(name, undefined);
    // @ts-expect-error: no such key
    view.data.nmae;
    // @ts-expect-error: nothing to write with
    assert.equal(view.set, undefined);
    assert.deepEqual(structuredClone({ ...view, data: {} }), { ...view, data: {} });
  });

  test("two cookies of one name are nobody's, and one inside another is none", async () => {
    const { begin, read, events, visitor } = trial();
    const [{ cookie }, other] = [await visitor(), await visitor()];
    begin({ cookie: `${cookie}; ${other.cookie}` });
    assert.equal((await read()).userId, null);
    assert.equal(events.at(-1)?.type, "ambiguous");
    begin({ cookie: `theme=${encodeURIComponent(`dark; ${cookie}`)}` });
    assert.equal((await read()).userId, null);
    begin({ cookie: `theme=dark; ${cookie}` });
    assert.equal((await read()).userId, "ada");
  });

  test("options that cannot be are refused at once", () => {
    assert.throws(() => session({} as never, new Exchange({})), { code: "CONFIGURATION" });
  });
});
