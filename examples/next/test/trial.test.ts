// Route handlers through the adapter contract, and what only Next.js has: on its real server.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { session } from "vestiaire/next";
import { adapterContract, checkAdapterCase, type ServeScenario, type TrialData } from "vestiaire/testing";
import { TrialStore } from "../../../packages/vestiaire/src/testing/adapter-cases-store.ts";
import { webResponse } from "../../../packages/vestiaire/test/adapters/serve.ts";
import { serving } from "./serving.ts";

const store = new TrialStore("later");
let managers = 0;
const app = await serving(store, () => managers++);
after(() => app.close());

/** What only components and actions need. */
const unused = () => Promise.reject(new Error("not for route handlers"));

const serve: ServeScenario = (sessions, scenario) => {
  const { route } = session<TrialData>(sessions, { cookies: unused, headers: unused });
  return app.listen(
    route(async (request, session) => {
      const { method, url } = request;
      return webResponse(await scenario(session, { method, path: new URL(url).pathname }));
    }),
  );
};

/** Next.js tells route handlers that the browser used HTTPS when the header says so, whoever sent it. */
const BELIEVED =
  "C9 a cookie that plain HTTP behind an undeclared proxy would lose is told of, and in production refused";

describe("a route handler", () => {
  for (const adapterCase of adapterContract) {
    test(adapterCase.name, async (t) => {
      const checked = checkAdapterCase(adapterCase, serve, { knowsPeer: false });
      if (adapterCase.name === BELIEVED) return assert.rejects(checked);
      const missing = await checked;
      if (missing !== null) t.skip(`without ${missing}`);
    });
  }
});

interface Reply {
  readonly status: number;
  readonly location: string | null;
  readonly cookies: readonly string[];
  readonly body: string;
}

describe("in Next.js", () => {
  let server: Awaited<ReturnType<typeof app.listen>>;
  before(async () => {
    server = await app.listen();
  });
  after(() => server.close());
  beforeEach(() => {
    store.recover();
    store.calls.length = 0;
  });

  async function ask(path: string, init: RequestInit = {}): Promise<Reply> {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { redirect: "manual", ...init });
    return {
      status: response.status,
      location: response.headers.get("location"),
      cookies: response.headers.getSetCookie(),
      body: await response.text(),
    };
  }

  /** Sends the page's form as a browser without JavaScript does. */
  async function act(how: string, headers: Record<string, string> = {}): Promise<Reply> {
    const page = await ask("/own");
    const [, action = ""] = /name="(\$ACTION_ID_[0-9a-f]+)"/.exec(page.body) ?? [];
    const form = new FormData();
    form.set(action, "");
    form.set("how", how);
    store.calls.length = 0;
    const origin = `http://127.0.0.1:${server.port}`;
    return ask("/own", { method: "POST", body: form, headers: { origin, ...headers } });
  }

  /** The session's cookie as the browser sends it back. */
  const pair = ({ cookies }: Reply) => cookies.at(-1)?.split(";", 1)[0] ?? "";
  const signedIn = async () => pair(await act("in"));
  /** Who the page in this reply is for. */
  const shown = ({ body }: Reply) => /<output>\{&quot;userId&quot;:(.*?)[,}]/.exec(body)?.[1];
  const who = async (cookie: string) => shown(await ask("/own", { headers: { cookie } }));

  test("an action's cookie has every attribute, and the page that answers knows it", async () => {
    const reply = await act("in");
    assert.equal(reply.status, 200);
    assert.deepEqual(
      reply.cookies.map((line) => line.replace(/=[^;]+/, "=…")),
      ["session=…; Path=/; HttpOnly; SameSite=lax"],
    );
    assert.equal(shown(reply), "&quot;ada&quot;");
    assert.equal(await who(pair(reply)), "&quot;ada&quot;");
  });

  test("a persistent cookie keeps its end", async () => {
    const { cookies } = await act("in for long");
    assert.match(cookies[0] ?? "", /; Max-Age=25(?:92000|919\d\d); HttpOnly; SameSite=lax$/);
  });

  test("over HTTPS the cookie is Secure and has its prefix, for actions, pages and routes alike", async () => {
    const https = { "x-forwarded-proto": "https" };
    const reply = await act("in", https);
    assert.match(reply.cookies[0] ?? "", /^__Host-session=[^;]+; Path=\/; Secure; HttpOnly; SameSite=lax$/);
    const cookie = pair(reply);
    for (const [headers, expected] of [
      [{ ...https, cookie }, "ada"],
      [{ cookie }, null],
      [{ ...https, cookie: cookie.replace("__Host-", "") }, null],
    ] as const) {
      const route = JSON.parse((await ask("/own/route", { headers })).body) as { userId: string | null };
      assert.equal(route.userId, expected);
      const page = shown(await ask("/own", { headers }));
      assert.equal(page, expected === null ? "null" : `&quot;${expected}&quot;`);
    }
  });

  test("redirect() and notFound() are answers: what came before them is committed", async () => {
    for (const [how, status, location] of [
      ["in and elsewhere", 303, "/own"],
      ["in and nowhere", 404, null],
    ] as const) {
      const reply = await act(how);
      assert.deepEqual([reply.status, reply.location, reply.cookies.length], [status, location, 1], how);
      assert.equal(await who(pair(reply)), "&quot;ada&quot;");
    }
  });

  test("an action that throws commits nothing but a sign-out", async () => {
    const failed = await act("in and fail");
    assert.deepEqual([failed.status, failed.cookies, store.calls], [500, [], []]);
    const cookie = await signedIn();
    const { status } = await act("out and fail", { cookie });
    assert.equal(status, 500);
    assert.equal(await who(cookie), "null");
  });

  test("signing out clears the cookie, whatever else sets one", async () => {
    const alone = await act("out", { cookie: await signedIn() });
    assert.deepEqual(alone.cookies, ["session=; Path=/; Max-Age=0; HttpOnly; SameSite=lax"]);
    assert.equal(shown(alone), "null");
    const both = await act("theme, out", { cookie: await signedIn() });
    assert.deepEqual(both.cookies.toSorted(), [...alone.cookies, "theme=dark; Path=/"]);
  });

  test("a change without a cookie is a patch, and the page that answers shows it", async () => {
    const reply = await act("note", { cookie: await signedIn() });
    assert.deepEqual(reply.cookies, []);
    assert.match(reply.body, /&quot;note&quot;:&quot;changed&quot;/);
  });

  test("a store that fails is an error without a cookie, for actions and pages", async () => {
    const cookie = await signedIn();
    store.fail("create");
    const created = await act("in and elsewhere");
    assert.deepEqual([created.status, created.location, created.cookies], [500, null, []]);
    store.recover();
    store.fail("delete");
    const deleted = await act("out", { cookie });
    assert.deepEqual([deleted.status, deleted.cookies], [500, []]);
    store.fail();
    const page = await ask("/own", { headers: { cookie } });
    assert.deepEqual([page.status, page.cookies], [500, []]);
    assert.equal((await ask("/own/route", { headers: { cookie } })).status, 503);
    assert.equal((await ask("/own")).status, 200);
  });

  test("two cookies of one name are nobody's, and one inside another is none", async () => {
    const [cookie, other] = [await signedIn(), await signedIn()];
    assert.equal(await who(`${cookie}; ${other}`), "null");
    assert.equal(await who(`${other}; ${cookie}`), "null");
    assert.equal(await who(`theme=${encodeURIComponent(`dark; ${cookie}`)}`), "null");
    assert.equal(await who(`theme=dark; ${cookie}`), "&quot;ada&quot;");
  });

  test("a layout and its page look the session up once", async () => {
    const cookie = await signedIn();
    store.calls.length = 0;
    assert.equal(await who(cookie), "&quot;ada&quot;");
    assert.deepEqual(store.calls, ["find"]);
  });

  test("the proxy reads the session before a page, and answers 503 when it cannot", async () => {
    assert.match((await ask("/guarded")).location ?? "", /\/elsewhere$/);
    const cookie = await signedIn();
    const entered = await ask("/guarded", { headers: { cookie } });
    assert.deepEqual([entered.status, shown(entered)], [200, "&quot;ada&quot;"]);
    store.fail();
    assert.equal((await ask("/guarded", { headers: { cookie } })).status, 503);
  });

  test("what the proxy changes leaves with its cookie, and the page behind it does not know", async () => {
    const reply = await ask("/guarded?in");
    assert.deepEqual([reply.cookies.length, shown(reply)], [1, "null"]);
    assert.equal(await who(pair(reply)), "&quot;ada&quot;");
  });

  test("pages and routes have one manager, though each makes the module anew", async () => {
    const cookie = await signedIn();
    const route = await ask("/own/route", { headers: { cookie } });
    assert.equal(JSON.parse(route.body).userId, "ada");
    assert.equal(managers, 1);
  });

  test("a route's sign-out holds beside a cookie that Next.js sets", async () => {
    const cookie = await signedIn();
    const reply = await ask("/own/route?theme", { method: "POST", headers: { cookie } });
    // Next.js writes every cookie anew, and loses a Max-Age of 0 over it.
    assert.deepEqual(reply.cookies, ["session=; Path=/; HttpOnly; SameSite=lax", "theme=dark; Path=/"]);
    assert.equal(await who(cookie), "null");
  });
});
