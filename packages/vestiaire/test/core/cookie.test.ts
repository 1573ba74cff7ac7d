// The session cookie: rows C1 to C10 of the security checklist, and the parser against arbitrary bytes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type CookieOptions, readCookie, SessionCookie } from "../../src/core/cookie.ts";
import { ConfigurationError } from "../../src/core/errors.ts";
import { house } from "./visits.ts";

const TOKEN = `${"0".repeat(32)}.${"A".repeat(32)}`;
const DAY = 86_400_000;

describe("the session cookie", () => {
  test("C1 is Secure, HttpOnly, Lax, for / and this host alone over HTTPS, by default", () => {
    assert.equal(
      new SessionCookie().write(TOKEN, true),
      `__Host-session=${TOKEN}; Path=/; HttpOnly; SameSite=Lax; Secure`,
    );
  });

  test("has its plain name over plain HTTP, and neither name counts for the other", () => {
    const cookie = new SessionCookie();
    assert.equal(cookie.write(TOKEN, false), `session=${TOKEN}; Path=/; HttpOnly; SameSite=Lax`);
    assert.equal(cookie.read(`session=${TOKEN}`, true).kind, "none");
    assert.equal(cookie.read(`__Host-session=${TOKEN}`, false).kind, "none");
  });

  const refused: Record<string, CookieOptions> = {
    "SameSite=None without Secure": { sameSite: "None" },
    "__Host- without Secure": { name: "__Host-id" },
    "__host-, which browsers read as __Host-": { name: "__host-id" },
    "__Host- with a domain": { name: "__Host-id", secure: true, domain: "example.org" },
    "__Host- with a path": { name: "__Host-id", secure: true, path: "/app" },
    "__Secure- without Secure": { name: "__Secure-id", secure: "auto" },
    "a name with a space": { name: "my session" },
    "no name": { name: "" },
    "a path that ends the attribute": { path: "/;Domain=evil" },
    "a path that is none": { path: "app" },
    "a domain that ends the attribute": { domain: "a;b" },
    "C4 a cookie that browsers would drop": { path: `/${"x".repeat(4_096)}` },
  };
  for (const [what, options] of Object.entries(refused)) {
    test(`C2 ${what} is refused at the start`, () => {
      assert.throws(
        () => new SessionCookie(options),
        (error) => error instanceof ConfigurationError && error.code === "CONFIGURATION",
      );
    });
  }

  test("takes the prefix that its scope allows", () => {
    assert.match(
      new SessionCookie({ domain: "example.org" }).write(TOKEN, true),
      /^__Secure-session=.*; Domain=example.org;/,
    );
    assert.match(new SessionCookie({ path: "/app" }).write(TOKEN, true), /^__Secure-session=.*; Path=\/app;/);
    assert.match(new SessionCookie({ name: "__Host-id", secure: true }).write(TOKEN, true), /^__Host-id=/);
  });

  test("C4 lives 400 days at most", () => {
    const cookie = new SessionCookie();
    assert.match(cookie.write(TOKEN, true, 1_000 * DAY), /; Max-Age=34560000;/);
    assert.match(cookie.write(TOKEN, true, 30 * DAY), /; Max-Age=2592000;/);
    assert.doesNotMatch(cookie.write(TOKEN, true), /Max-Age|Expires/);
  });

  test("C6 two of one name are ambiguous in both orders, and an event", async () => {
    assert.equal(readCookie("session=a; session=b", "session").kind, "ambiguous");
    assert.equal(readCookie("session=; session=b", "session").kind, "ambiguous");
    const { browser, happened } = house();
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    const good = alice.cookie;
    for (const header of [`${good}; session=evil`, `session=evil; ${good}`, `${good}; ${good}`]) {
      alice.cookie = header;
      assert.equal((await alice.start()).session.userId, null);
      assert.equal(happened().at(-1), "ambiguous");
    }
  });

  test("C7 its name matches case-sensitively", () => {
    assert.equal(readCookie("__HOST-session=evil", "__Host-session").kind, "none");
    assert.equal(readCookie("SESSION=evil", "session").kind, "none");
  });

  test("C8 deletion repeats name, path, domain, Secure and SameSite", () => {
    const cookie = new SessionCookie({ domain: "example.org", path: "/app", sameSite: "Strict" });
    assert.equal(
      cookie.clear(true),
      "__Secure-session=; Max-Age=0; Path=/app; Domain=example.org; HttpOnly; SameSite=Strict; Secure",
    );
  });

  test("C10 its name shows no product", () => {
    assert.doesNotMatch(new SessionCookie().write(TOKEN, true), /vestiaire/i);
  });

  test("is found among any others, exactly where a plain reading of the header finds it", () => {
    const name = fc.constantFrom("session", "Session", "xsession", "session2", "a", "__Host-session");
    const value = fc.string({ unit: fc.constantFrom("a", ".", "=", '"', " ", "%", "é", "\0") });
    const header = fc.array(fc.tuple(name, value), { maxLength: 5 });
    fc.assert(
      fc.property(header, (cookies) => {
        const ours = cookies.filter(([name]) => name === "session");
        const reading = readCookie(cookies.map(([name, value]) => `${name}=${value}`).join("; "), "session");
        if (ours.length === 1) assert.deepEqual(reading, { kind: "one", value: ours[0]?.[1].trim() });
        else assert.equal(reading.kind, ours.length === 0 ? "none" : "ambiguous");
      }),
    );
  });

  test("T4 a header of arbitrary bytes is read without harm, and opens nothing", async () => {
    const { sessions } = house();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), fc.boolean(), async (bytes, named) => {
        const cookie = named ? `session=${bytes}` : bytes;
        const session = await sessions.open({ method: "GET", encrypted: false, header: () => cookie });
        assert.equal(session.id, null);
      }),
    );
  });
});
