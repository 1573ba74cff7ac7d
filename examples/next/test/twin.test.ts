// The login app on Next.js, built and started, as far as it answers like the original: by HTTP as a browser without
// JavaScript speaks it, and in a browser.

import assert from "node:assert/strict";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { type Reply, Running } from "../../test/running.ts";
import { build } from "./build.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);

describe("the login app on Next.js", () => {
  let app: Running;
  before(async () => {
    build(".");
    app = await Running.start("next/test/start.ts");
  });
  after(() => app.stop());

  /** Sends the form as a browser without JavaScript does. */
  async function login(name: string, cookie?: string): Promise<Reply> {
    const { body } = await app.ask("GET", "/login");
    const [, action = ""] = /name="(\$ACTION_ID_[0-9a-f]+)"/.exec(body) ?? [];
    const form = new FormData();
    form.set(action, "");
    form.set("name", name);
    return app.ask("POST", "/login", cookie === undefined ? { form } : { form, cookie });
  }

  const pair = ({ cookies }: Reply) => cookies[0]?.split(";", 1)[0] ?? "";
  const signIn = async (name: string, cookie?: string) => pair(await login(name, cookie));
  const index = (cookie: string) => app.ask("GET", "/", { cookie });
  /** The page's text. React marks where one piece of it ends. */
  const text = ({ body }: Reply) => body.replaceAll("<!-- -->", "");

  describe("answers like the original:", () => {
    test("GET / without a cookie leads to the form, and makes no record", async () => {
      const { status, location, cookies } = await app.ask("GET", "/");
      assert.deepEqual([status, location, cookies], [307, "/login", []]);
      assert.deepEqual(app.sessionFiles(), []);
    });

    test("GET /login shows the form", async () => {
      const { status, cookies, body } = await app.ask("GET", "/login");
      assert.deepEqual([status, cookies], [200, []]);
      assert.match(body, /<html lang="en">/);
      assert.match(body, /<title>store<\/title>/);
      assert.match(
        body,
        /<input autoComplete="off" autofocus="" placeholder="Nom" type="text" name="name"\/>/,
      );
      assert.match(body, /<button type="submit">Se Connecter<\/button>/);
    });

    test("the form signs in, with a cookie that goes with the browser", async () => {
      const reply = await login("Alice");
      assert.deepEqual([reply.status, reply.location], [303, "/"]);
      assert.deepEqual(
        reply.cookies.map((line) => line.replace(/=[^;]+/, "=…")),
        ["session=…; Path=/; HttpOnly; SameSite=lax"],
      );
      const page = await index(pair(reply));
      assert.equal(page.status, 200);
      assert.match(
        text(page),
        /Vous êtes connecté en tant que Alice\. <a href="\/logout">Déconnexion<\/a>\./,
      );
    });

    test("again makes it Bob, under a new id", async () => {
      const alice = await signIn("Alice");
      const bob = await signIn("Bob", alice);
      assert.match(text(await index(bob)), /en tant que Bob\./);
      assert.notEqual(bob, alice);
      assert.equal((await index(alice)).location, "/login");
    });

    test("GET /logout signs out, and keeps no record", async () => {
      const before = app.sessionFiles().length;
      const cookie = await signIn("Alice");
      const { status, location, cookies } = await app.ask("GET", "/logout", { cookie });
      assert.deepEqual([status, location], [302, "/"]);
      assert.match(cookies[0] ?? "", /^session=; Max-Age=0;/);
      assert.equal((await index(cookie)).location, "/login");
      assert.equal(app.sessionFiles().length, before);
    });

    test("a name that is empty, or of blanks, does not sign in", async () => {
      for (const name of ["", "   "]) {
        const { status, location, cookies } = await login(name);
        assert.deepEqual([status, location, cookies], [303, "/", []]);
      }
    });

    test("a name is shown escaped", async () => {
      const page = text(await index(await signIn(`<script>alert("1")</script>`)));
      assert.match(page, /en tant que &lt;script&gt;/);
      assert.doesNotMatch(page, /<script>alert/);
    });

    test("an unknown cookie leads to the form, and its id is not adopted", async () => {
      const cookie = `session=${"0".repeat(32)}.${"A".repeat(32)}`;
      const { status, location, cookies } = await index(cookie);
      assert.deepEqual([status, location, cookies], [307, "/login", []]);
      assert.doesNotMatch(await signIn("Alice", cookie), /^session=0000/);
    });

    test("an unknown path is a 404", async () => {
      assert.equal((await app.ask("GET", "/favicon.ico")).status, 404);
    });
  });

  describe("does not do what the original does:", () => {
    test("write the session on reads", async () => {
      const cookie = await signIn("Alice");
      const before = app.sessionFiles();
      for (const path of ["/", "/login", "/nothing", "/"]) await app.ask("GET", path, { cookie });
      assert.deepEqual(app.sessionFiles(), before);
    });

    test("say “signed in” or “signed out” when nothing could be stored", async () => {
      const cookie = await signIn("Alice");
      const sessions = join(app.folder, "sessions");
      renameSync(sessions, `${sessions}.away`);
      try {
        for (const [reply, status] of [
          [await login("Bob"), 500],
          [await app.ask("GET", "/logout", { cookie }), 503],
          [await index(cookie), 500],
        ] as const) {
          assert.deepEqual([reply.status, reply.location, reply.cookies], [status, null, []]);
        }
        // What needs no session works meanwhile.
        assert.equal((await app.ask("GET", "/login", { cookie })).status, 200);
        assert.equal((await app.ask("GET", "/nothing", { cookie })).status, 404);
      } finally {
        renameSync(`${sessions}.away`, sessions);
      }
      assert.equal((await index(cookie)).status, 200);
    });

    test("sign out on HEAD", async () => {
      const cookie = await signIn("Alice");
      await app.ask("HEAD", "/logout", { cookie });
      assert.equal((await index(cookie)).status, 200);
    });

    test("let the first of two cookies win", async () => {
      const [alice, eve] = [await signIn("Alice"), await signIn("Eve")];
      for (const cookie of [`${alice}; ${eve}`, `${eve}; ${alice}`]) {
        assert.equal((await index(cookie)).location, "/login");
      }
    });

    test("forget anybody when it is restarted", async () => {
      const cookie = await signIn("Alice");
      await app.stop({ keepFolder: true });
      app = await Running.start("next/test/start.ts", app.folder);
      assert.match(text(await index(cookie)), /en tant que Alice\./);
    });
  });

  test("what it answers otherwise, because Next.js decides it", async () => {
    const cookie = await signIn("Alice");
    for (const [method, path, status, allow] of [
      // Pages do not look at the method.
      ["POST", "/", 200, null],
      ["DELETE", "/", 200, null],
      ["DELETE", "/login", 405, "GET, HEAD"],
      ["POST", "/logout", 405, null],
    ] as const) {
      const reply = await app.ask(method, path, { cookie });
      assert.deepEqual([reply.status, reply.allow, reply.cookies], [status, allow, []], `${method} ${path}`);
    }
    assert.equal((await index(cookie)).status, 200);
    const urlencoded = await app.ask("POST", "/login", { form: new URLSearchParams({ name: "Bob" }) });
    assert.deepEqual([urlencoded.status, urlencoded.cookies], [405, []]);
    const nonsense = new Blob(["--x\r\nnonsense"], { type: "multipart/form-data; boundary=x" });
    for (const reply of [
      await login("x".repeat(400_000)),
      await app.ask("POST", "/login", { form: nonsense }),
    ]) {
      assert.deepEqual([reply.status, reply.cookies], [500, []]);
    }
  });

  test("in a browser: signs in without leaving the page, in every tab, and out of every tab", {
    skip: CHROMIUM === undefined && "Chromium is missing: apt-get install chromium",
  }, async () => {
    const browser = await chromium.launch({
      executablePath: CHROMIUM ?? "",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
      ],
    });
    try {
      const context = await browser.newContext();
      const elsewhere: string[] = [];
      const loads: string[] = [];
      context.on("request", (request) => {
        if (!request.url().startsWith(app.url)) elsewhere.push(request.url());
        if (request.isNavigationRequest())
          loads.push(`${request.method()} ${new URL(request.url()).pathname}`);
      });
      const page = await context.newPage();
      await page.goto(app.url);
      await page.getByPlaceholder("Nom").fill("Alice");
      await page.getByRole("button").click();
      await page.getByText("Vous êtes connecté en tant que Alice.").waitFor();
      assert.equal(page.url(), `${app.url}/`);
      assert.deepEqual(loads, ["GET /", "GET /login"]);
      const [cookie] = await context.cookies();
      assert.deepEqual([cookie?.name, cookie?.httpOnly, cookie?.expires], ["session", true, -1]);

      const second = await context.newPage();
      await second.goto(app.url);
      await second.getByText("en tant que Alice.").waitFor();
      await page.getByRole("link").click();
      await page.getByPlaceholder("Nom").waitFor();
      assert.deepEqual(await context.cookies(), []);
      await second.reload();
      await second.getByPlaceholder("Nom").waitFor();
      assert.deepEqual(elsewhere, []);
    } finally {
      await browser.close();
    }
  });
});
