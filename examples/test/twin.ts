// The login app's twin against the original: its behaviour, request by request, and then each of its faults, to show
// that it did not come along. On the real process, over HTTP.

import assert from "node:assert/strict";
import { chmodSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Running } from "./running.ts";

/** Registers the tests of one twin: the example that this script starts, below the examples. */
export function testTwin(framework: string, script = `${framework}/app.ts`): void {
  describe(`the login app on ${framework}`, () => {
    let app: Running;
    before(async () => {
      app = await Running.start(script);
    });
    after(() => app.stop());

    describe("answers like the original:", () => {
      test("GET / without a cookie leads to the form, and makes no record", async () => {
        const { status, location, cookies } = await app.ask("GET", "/");
        assert.deepEqual([status, location, cookies], [302, "/login", []]);
        assert.deepEqual(app.sessionFiles(), []);
      });

      test("GET /login shows the form", async () => {
        const { status, cookies, body } = await app.ask("GET", "/login");
        assert.deepEqual([status, cookies], [200, []]);
        assert.match(body, /<input autocomplete="off" autofocus name="name" placeholder="Nom" type="text">/);
        assert.match(body, /<button type="submit">Se Connecter<\/button>/);
        assert.match(body, /<html lang="en">/);
        assert.match(body, /<title>store<\/title>/);
        assert.match(body, /<meta name="viewport" content="initial-scale=1, width=device-width">/);
      });

      test("POST /login signs in, with a cookie that goes with the browser", async () => {
        const reply = await app.ask("POST", "/login", { form: new URLSearchParams({ name: "Alice" }) });
        assert.deepEqual([reply.status, reply.location, reply.cookies.length], [302, "/", 1]);
        assert.match(reply.cookies[0] ?? "", /; Path=\/; HttpOnly/);
        assert.doesNotMatch(reply.cookies[0] ?? "", /Max-Age|Expires/);
        const { status, body } = await app.ask("GET", "/", { cookie: reply.cookies[0]?.split(";")[0] ?? "" });
        assert.equal(status, 200);
        assert.match(body, /Vous êtes connecté en tant que Alice\. <a href="\/logout">Déconnexion<\/a>\./);
      });

      test("POST /login again makes it Bob", async () => {
        const cookie = await app.signIn("Bob", await app.signIn("Alice"));
        assert.match((await app.ask("GET", "/", { cookie })).body, /en tant que Bob\./);
      });

      test("GET /logout signs out", async () => {
        const cookie = await app.signIn("Alice");
        const { status, location } = await app.ask("GET", "/logout", { cookie });
        assert.deepEqual([status, location], [302, "/"]);
        assert.equal((await app.ask("GET", "/", { cookie })).location, "/login");
      });

      test("an empty name does not sign in", async () => {
        const { status, location, cookies } = await app.ask("POST", "/login", {
          form: new URLSearchParams({ name: "" }),
        });
        assert.deepEqual([status, location, cookies], [302, "/", []]);
      });

      test("a name is shown escaped", async () => {
        const cookie = await app.signIn(`<script>alert("1")</script>`);
        const { body } = await app.ask("GET", "/", { cookie });
        assert.match(body, /&lt;script&gt;/);
        assert.doesNotMatch(body, /<script>/);
      });

      test("an unknown cookie leads to the form, and its id is not adopted", async () => {
        const cookie = `session=${"0".repeat(32)}.${"A".repeat(32)}`;
        const { status, location, cookies } = await app.ask("GET", "/", { cookie });
        assert.deepEqual([status, location, cookies], [302, "/login", []]);
        assert.doesNotMatch(await app.signIn("Alice", cookie), /^session=0000/);
      });

      test("a wrong method is a 405 that says what is allowed", async () => {
        for (const [method, path, allow] of [
          ["POST", "/", "GET, HEAD"],
          ["DELETE", "/login", "GET, HEAD, POST"],
          ["POST", "/logout", "GET, HEAD"],
        ] as const) {
          const reply = await app.ask(method, path);
          assert.equal(reply.status, 405);
          assert.deepEqual(reply.allow?.split(", ").toSorted(), allow.split(", "));
        }
      });

      test("an unknown path is a 404", async () => {
        assert.equal((await app.ask("GET", "/favicon.ico")).status, 404);
      });

      test("a name in a multipart form counts as one in a urlencoded", async () => {
        const form = new FormData();
        form.set("name", "Élise");
        const { cookies } = await app.ask("POST", "/login", { form });
        const { body } = await app.ask("GET", "/", { cookie: cookies[0]?.split(";")[0] ?? "" });
        assert.match(body, /en tant que Élise\./);
      });
    });

    describe("does not do what the original does:", () => {
      test("keep the id at sign-in and at sign-out, or hand one out for a sign-out", async () => {
        const anonymous = await app.ask("GET", "/logout");
        assert.deepEqual(anonymous.cookies, []);
        const alice = await app.signIn("Alice");
        const bob = await app.signIn("Bob", alice);
        assert.notEqual(bob, alice);
        assert.equal((await app.ask("GET", "/", { cookie: alice })).location, "/login");
        const { cookies } = await app.ask("GET", "/logout", { cookie: bob });
        assert.match(cookies[0] ?? "", /^session=; Max-Age=0;/);
      });

      test("keep a record of who signed out", async () => {
        const before = app.sessionFiles().length;
        const cookie = await app.signIn("Alice");
        assert.equal(app.sessionFiles().length, before + 1);
        await app.ask("GET", "/logout", { cookie });
        assert.equal(app.sessionFiles().length, before);
      });

      test("write the session on reads, 404s and whatever else", async () => {
        const cookie = await app.signIn("Alice");
        const before = app.sessionFiles();
        for (const path of ["/", "/login", "/nothing", "/"]) await app.ask("GET", path, { cookie });
        assert.deepEqual(app.sessionFiles(), before);
      });

      test("delete sessions of people who are signed in when there are 500", async () => {
        const first = await app.signIn("First");
        for (let i = 0; i < 510; i += 10) {
          await Promise.all(Array.from({ length: 10 }, (_, j) => app.signIn(`Person ${i + j}`)));
        }
        assert.match((await app.ask("GET", "/", { cookie: first })).body, /en tant que First\./);
      });

      test("run, or show, what a damaged session file says", async () => {
        const cookie = await app.signIn("Alice");
        const id = cookie.slice("session=".length).split(".")[0] ?? "";
        const file = app.sessionFiles().find(({ path }) => path.endsWith(id));
        assert.ok(file);
        const bytes = Buffer.from(file.text);
        for (let at = 0; at < bytes.length; at++) {
          const damaged = Buffer.from(bytes);
          damaged[at] = (damaged[at] ?? 0) ^ 1;
          writeFileSync(file.path, damaged);
          const { status, location } = await app.ask("GET", "/", { cookie });
          assert.deepEqual([status, location], [302, "/login"], `byte ${at}`);
        }
        writeFileSync(file.path, bytes);
        assert.match((await app.ask("GET", "/", { cookie })).body, /en tant que Alice\./);
      });

      test("say “signed in” or “signed out” when nothing could be stored", async () => {
        const cookie = await app.signIn("Alice");
        const sessions = join(app.folder, "sessions");
        renameSync(sessions, `${sessions}.away`);
        try {
          const signIn = await app.ask("POST", "/login", { form: new URLSearchParams({ name: "Bob" }) });
          assert.deepEqual([signIn.status, signIn.location, signIn.cookies], [503, null, []]);
          const signOut = await app.ask("GET", "/logout", { cookie });
          assert.deepEqual([signOut.status, signOut.location, signOut.cookies], [503, null, []]);
          assert.equal((await app.ask("GET", "/", { cookie })).status, 503);
        } finally {
          renameSync(`${sessions}.away`, sessions);
        }
        assert.equal((await app.ask("GET", "/", { cookie })).status, 200);
      });

      test("fail where no session is needed while the store is down", async () => {
        const cookie = await app.signIn("Alice");
        const sessions = join(app.folder, "sessions");
        renameSync(sessions, `${sessions}.away`);
        try {
          assert.equal((await app.ask("GET", "/login", { cookie })).status, 200);
          assert.equal((await app.ask("GET", "/nothing", { cookie })).status, 404);
        } finally {
          renameSync(`${sessions}.away`, sessions);
        }
      });

      test("leave the files readable for others", async () => {
        chmodSync(app.folder, 0o755);
        await app.signIn("Alice");
        for (const { path } of app.sessionFiles()) assert.equal(statSync(path).mode & 0o777, 0o600);
      });

      test("sign out on HEAD, take a name of blanks, or one of 400 kB", async () => {
        const cookie = await app.signIn("Alice");
        await app.ask("HEAD", "/logout", { cookie });
        assert.equal((await app.ask("GET", "/", { cookie })).status, 200);
        for (const [name, status] of [
          ["   ", 302],
          ["x".repeat(400_000), 413],
        ] as const) {
          const reply = await app.ask("POST", "/login", { form: new URLSearchParams({ name }) });
          assert.deepEqual([reply.status, reply.cookies], [status, []]);
        }
      });

      test("let the first of two cookies win", async () => {
        const [alice, eve] = [await app.signIn("Alice"), await app.signIn("Eve")];
        for (const cookie of [`${alice}; ${eve}`, `${eve}; ${alice}`]) {
          assert.equal((await app.ask("GET", "/", { cookie })).location, "/login");
        }
      });

      test("fall over a form that is none", async () => {
        const form = new Blob(["--x\r\nnonsense"], { type: "multipart/form-data; boundary=x" });
        const { status, cookies } = await app.ask("POST", "/login", { form });
        assert.deepEqual([status, cookies], [302, []]);
      });

      test("forget anybody when it is restarted", async () => {
        const cookie = await app.signIn("Alice");
        await app.stop({ keepFolder: true });
        app = await Running.start(script, app.folder);
        assert.match((await app.ask("GET", "/", { cookie })).body, /en tant que Alice\./);
      });
    });
  });
}
