// The tutorial's steps, run as a reader runs them: the fault that a chapter tells of is really there, and the step that
// closes it really does. What the chapters say in two languages is checked in `two-languages.test.ts`.

import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Reply, Running } from "../../examples/test/running.ts";

const PASSWORD = "quinze caractères";

function step(name: string): () => Running {
  let app: Running;
  before(async () => {
    app = await start(name);
  });
  after(() => app.stop());
  return () => app;
}

function start(name: string, folder?: string): Promise<Running> {
  return Running.start(`../docs/tutorial/steps/${name}.ts`, folder);
}

/** Sends a form, with headers that only some of the steps look at. Answers the status and the new cookie. */
async function send(
  app: Running,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ status: number; cookie: string; setCookie: string }> {
  const { status, cookies } = await app.ask("POST", path, {
    form: new URLSearchParams(fields),
    headers: { Origin: app.url, ...headers },
  });
  const setCookie = cookies[0] ?? "";
  return { status, cookie: setCookie.split(";")[0] ?? "", setCookie };
}

function page(app: Running, cookie: string): Promise<Reply> {
  return app.ask("GET", "/", { cookie });
}

function idsOf(body: string): string[] {
  return [...body.matchAll(/name="id" type="hidden" value="([^"]+)"/g)].map(([, id]) => id ?? "");
}

describe("01-problem:", () => {
  const app = step("01-problem");

  test("anybody takes anybody off the sheet", async () => {
    assert.match((await app().ask("GET", "/")).body, /Alice/);
    const form = new URLSearchParams({ name: "Alice" });
    assert.equal((await app().ask("POST", "/deregister", { form })).status, 302);
    assert.doesNotMatch((await app().ask("GET", "/")).body, /Alice/);
  });

  test("a name is shown as text, whatever it says", async () => {
    const form = new URLSearchParams({ name: "<script>alert(1)</script>" });
    await app().ask("POST", "/register", { form });
    const { body } = await app().ask("GET", "/");
    assert.match(body, /&lt;script&gt;/);
    assert.doesNotMatch(body, /<script>/);
  });
});

describe("02-cookie:", () => {
  const app = step("02-cookie");

  test("the server believes whatever the cookie says", async () => {
    const cookie = await app().signIn("Alice");
    assert.equal(cookie, "name=Alice");
    assert.equal((await page(app(), cookie)).body, "Bonjour Alice.");
    assert.equal((await page(app(), "name=Bob")).body, "Bonjour Bob.");
  });
});

describe("02-ticket:", () => {
  const app = step("02-ticket");

  test("a ticket says nothing, and one that was not handed out opens nothing", async () => {
    const cookie = await app().signIn("Alice");
    assert.doesNotMatch(cookie, /Alice/);
    assert.equal((await page(app(), cookie)).body, "Bonjour Alice.");
    for (const forged of ["name=Alice", "session=Alice", "session="]) {
      assert.equal((await page(app(), forged)).body, "Bonjour. Qui êtes-vous ?");
    }
  });

  test("a restart forgets everybody", async () => {
    const first = await start("02-ticket");
    const cookie = await first.signIn("Alice");
    await first.stop({ keepFolder: true });
    const second = await start("02-ticket", first.folder);
    try {
      assert.equal((await page(second, cookie)).body, "Bonjour. Qui êtes-vous ?");
    } finally {
      await second.stop();
    }
  });
});

describe("03-pages:", () => {
  const app = step("03-pages");

  test("shows both pages, inside the layout", async () => {
    for (const [path, content] of [
      ["/", "Vous n’êtes pas connecté"],
      ["/login", 'placeholder="Nom"'],
    ] as const) {
      const { status, body } = await app().ask("GET", path);
      assert.equal(status, 200);
      assert.match(body, /<title>Vestiaire<\/title>/);
      assert.ok(body.includes(content));
    }
  });
});

describe("04-login:", () => {
  const app = step("04-login");

  test("signs in and out", async () => {
    assert.equal((await app().ask("GET", "/")).location, "/login");
    const cookie = await app().signIn("Alice");
    assert.match((await page(app(), cookie)).body, /connecté en tant que Alice\./);
    assert.equal((await app().ask("GET", "/logout", { cookie })).location, "/");
    assert.equal((await page(app(), cookie)).location, "/login");
  });

  test("a restart forgets nobody", async () => {
    const first = await start("04-login");
    const cookie = await first.signIn("Alice");
    await first.stop({ keepFolder: true });
    const second = await start("04-login", first.folder);
    try {
      assert.match((await page(second, cookie)).body, /Alice/);
    } finally {
      await second.stop();
    }
  });

  test("signing in again gives a new ticket, and the old one is worth nothing", async () => {
    const alice = await app().signIn("Alice");
    const bob = await app().signIn("Bob", alice);
    assert.notEqual(bob, alice);
    assert.equal((await page(app(), alice)).location, "/login");
    const invented = `session=${"0".repeat(32)}.${"A".repeat(32)}`;
    assert.doesNotMatch(await app().signIn("Eve", invented), /=0000/);
  });

  test("the files say who is signed in, and hold nothing that opens a session", async () => {
    const cookie = await app().signIn("Élise");
    const [id = "", secret = ""] = cookie.replace("session=", "").split(".");
    const file = app()
      .sessionFiles()
      .find(({ path }) => path.endsWith(id));
    assert.ok(file);
    assert.ok(file.text.includes("Élise"));
    assert.ok(!file.text.includes(secret));
    const hash = /"current":"([^"]+)"/.exec(file.text)?.[1] ?? "";
    assert.ok(hash.length > 32);
    for (const stolen of [hash, hash.slice(0, 32)]) {
      assert.equal((await page(app(), `session=${id}.${stolen}`)).location, "/login");
    }
  });

  test("nobody who only looks leaves a file behind", async () => {
    const before = app().sessionFiles().length;
    await app().ask("GET", "/");
    await app().ask("GET", "/login");
    assert.equal(app().sessionFiles().length, before);
  });

  test("a name is enough to be anybody, and a link to sign anybody out", async () => {
    const [first, second] = [await app().signIn("Alice"), await app().signIn("Alice")];
    assert.match((await page(app(), second)).body, /Alice/);
    await app().ask("GET", "/logout", { cookie: first });
    assert.equal((await page(app(), first)).location, "/login");
  });
});

describe("06-registrations:", () => {
  const app = step("06-registrations");

  test("a registration is taken back by its owner, and by nobody else", async () => {
    const [alice, bob] = [await app().signIn("Alice"), await app().signIn("Bob")];
    const form = new URLSearchParams({ sport: "Tennis" });
    await app().ask("POST", "/register", { form, cookie: alice });
    const [id = ""] = idsOf((await page(app(), alice)).body);
    assert.notEqual(id, "");

    const asBob = await page(app(), bob);
    assert.match(asBob.body, /Alice : Tennis/);
    assert.deepEqual(idsOf(asBob.body), []);

    const back = new URLSearchParams({ id });
    assert.equal((await app().ask("POST", "/deregister", { form: back })).location, "/login");
    assert.equal((await app().ask("POST", "/deregister", { form: back, cookie: bob })).status, 404);
    assert.match((await page(app(), bob)).body, /Alice : Tennis/);
    assert.equal((await app().ask("POST", "/deregister", { form: back, cookie: alice })).location, "/");
    assert.doesNotMatch((await page(app(), bob)).body, /Alice : Tennis/);
  });

  test("the form does not say who registers, nor for which sports there are", async () => {
    const cookie = await app().signIn("Bob");
    const as = new URLSearchParams({ sport: "Natation", owner: "Alice", name: "Alice", userId: "Alice" });
    await app().ask("POST", "/register", { form: as, cookie });
    assert.match((await page(app(), cookie)).body, /Bob : Natation/);
    const form = new URLSearchParams({ sport: "Sieste" });
    assert.equal((await app().ask("POST", "/register", { form, cookie })).status, 400);
  });

  test("a message is shown once", async () => {
    const cookie = await app().signIn("Alice");
    const form = new URLSearchParams({ sport: "Escalade" });
    await app().ask("POST", "/register", { form, cookie });
    assert.match((await page(app(), cookie)).body, /Vous êtes inscrit : Escalade\./);
    assert.doesNotMatch((await page(app(), cookie)).body, /Vous êtes inscrit/);
  });
});

describe("07-passwords:", () => {
  const app = step("07-passwords");
  const signUp = (name: string, password = PASSWORD) => send(app(), "/signup", { name, password });
  const signIn = (name: string, password: string) => send(app(), "/login", { name, password });

  test("a name is not enough", async () => {
    assert.equal((await signUp("Alice")).status, 302);
    assert.deepEqual(await signIn("Alice", ""), { status: 401, cookie: "", setCookie: "" });
    assert.deepEqual(await signIn("Alice", "un autre mot de passe"), {
      status: 401,
      cookie: "",
      setCookie: "",
    });
    const { status, cookie } = await signIn("Alice", PASSWORD);
    assert.equal(status, 302);
    assert.match((await page(app(), cookie)).body, /en tant que Alice\./);
  });

  test("a name is given to one person, though two ask at once", async () => {
    const both = await Promise.all([signUp("Camille"), signUp("Camille", "seize caractères !")]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [302, 400]);
  });

  test("an unknown name and a wrong password get the same answer", async () => {
    await signUp("Denis");
    const wrong = await app().ask("POST", "/login", {
      form: new URLSearchParams({ name: "Denis", password: "non" }),
    });
    const unknown = await app().ask("POST", "/login", {
      form: new URLSearchParams({ name: "Personne", password: "non" }),
    });
    assert.deepEqual([unknown.status, unknown.body], [wrong.status, wrong.body]);
  });

  test("no account has a short password, or no name", async () => {
    assert.equal((await signUp("Eve", "motdepasse")).status, 400);
    assert.equal((await signUp(" ")).status, 400);
  });

  test("it still takes guess after guess, forms of other sites, and a link to sign out", async () => {
    const { cookie } = await signUp("Fanny");
    for (let i = 0; i < 8; i++) assert.equal((await signIn("Fanny", `essai ${i}`)).status, 401);
    const cross = { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example", Cookie: cookie };
    assert.equal((await send(app(), "/register", { sport: "Tennis" }, cross)).status, 302);
    assert.match((await page(app(), cookie)).body, /Fanny : Tennis/);
    await app().ask("GET", "/logout", { cookie });
    assert.equal((await page(app(), cookie)).location, "/login");
  });
});

describe("08-safe:", () => {
  const app = step("08-safe");
  const signUp = async (name: string) => (await send(app(), "/signup", { name, password: PASSWORD })).cookie;

  test("does what it is for", async () => {
    const Cookie = await signUp("Alice");
    assert.equal((await send(app(), "/register", { sport: "Tennis" }, { Cookie })).status, 302);
    const [id = ""] = idsOf((await page(app(), Cookie)).body);
    const bob = await signUp("Bob");
    assert.equal((await send(app(), "/deregister", { id }, { Cookie: bob })).status, 404);
    assert.equal((await send(app(), "/deregister", { id }, { Cookie })).status, 302);
    assert.equal((await send(app(), "/logout", {}, { Cookie })).status, 302);
    assert.equal((await page(app(), Cookie)).location, "/login");
    const { cookie } = await send(app(), "/login", { name: "Alice", password: PASSWORD });
    assert.match((await page(app(), cookie)).body, /en tant que Alice\./);
  });

  test("refuses the forms of other sites, the sign-in's too", async () => {
    const Cookie = await signUp("Chloé");
    const other = "https://evil.example";
    for (const headers of [
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
      { Origin: other },
      { Origin: "null" },
      { Origin: "" },
    ]) {
      assert.equal((await send(app(), "/register", { sport: "Tennis" }, { Cookie, ...headers })).status, 403);
      const answer = await send(app(), "/login", { name: "Chloé", password: PASSWORD }, headers);
      assert.deepEqual([answer.status, answer.cookie], [403, ""]);
    }
    assert.doesNotMatch((await page(app(), Cookie)).body, /Chloé : Tennis/);
    const own = { Cookie, "Sec-Fetch-Site": "same-origin" };
    assert.equal((await send(app(), "/register", { sport: "Tennis" }, own)).status, 302);
  });

  test("a link signs nobody out", async () => {
    const cookie = await signUp("Denis");
    assert.equal((await app().ask("GET", "/logout", { cookie })).status, 404);
    assert.equal((await page(app(), cookie)).status, 200);
  });

  test("stops whoever guesses, the guesses that come all at once too", async () => {
    await signUp("Eve");
    const guesses = Array.from({ length: 12 }, (_, i) =>
      send(app(), "/login", { name: "Eve", password: String(i) }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 401).length, 5);
    assert.equal(statuses.filter((status) => status === 429).length, 7);
    assert.equal((await send(app(), "/login", { name: "Eve", password: PASSWORD })).status, 429);
  });

  test("the pages say what browsers need to protect them", async () => {
    const response = await fetch(`${app().url}/`, { headers: { Cookie: await signUp("Gaël") } });
    assert.equal(response.status, 200);
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(response.headers.get("cache-control"), "no-store");
    await response.body?.cancel();
  });

  test("a body of a megabyte is not read", async () => {
    assert.equal((await send(app(), "/login", { name: "x".repeat(1_000_000) })).status, 413);
  });

  test("the cookie is out of reach of scripts, and Secure behind a declared proxy", async () => {
    const plain = await send(app(), "/signup", { name: "Hugo", password: PASSWORD });
    assert.match(plain.setCookie, /^session=.*; HttpOnly; SameSite=Lax$/);
    process.env.PROXIES = "127.0.0.1,::1";
    const behind = await start("08-safe").finally(() => delete process.env.PROXIES);
    try {
      const https = { "X-Forwarded-Proto": "https" };
      const { setCookie } = await send(behind, "/signup", { name: "Hugo", password: PASSWORD }, https);
      assert.match(setCookie, /^__Host-session=.*; HttpOnly; SameSite=Lax; Secure$/);
    } finally {
      await behind.stop();
    }
  });

  test("says “signed in” and “signed out” only when it is written down", async () => {
    const Cookie = await signUp("Inès");
    const sessions = join(app().folder, "sessions");
    renameSync(sessions, `${sessions}.away`);
    try {
      const signIn = await send(app(), "/login", { name: "Inès", password: PASSWORD });
      assert.deepEqual([signIn.status, signIn.cookie], [503, ""]);
      assert.equal((await send(app(), "/logout", {}, { Cookie })).status, 503);
    } finally {
      renameSync(`${sessions}.away`, sessions);
    }
    assert.equal((await page(app(), Cookie)).status, 200);
  });
});

describe("08-overlap:", () => {
  const app = step("08-overlap");
  const post = (path: string, cookie = "") => app().ask("POST", path, { cookie });

  async function signedIn(): Promise<string> {
    return (await post("/login")).cookies[0]?.split(";")[0] ?? "";
  }

  /** Opens the gate once so many requests have reached it. */
  async function open(count: number): Promise<void> {
    while ((await app().ask("GET", "/waiting")).body !== String(count));
    await post("/open");
  }

  async function twoAtOnce(first: string, second: string): Promise<unknown> {
    const cookie = await signedIn();
    const both = [post(first, cookie), post(second, cookie)];
    await open(2);
    await Promise.all(both);
    return JSON.parse((await page(app(), cookie)).body);
  }

  test("two tabs that write different keys both win", async () => {
    assert.deepEqual(await twoAtOnce("/colour", "/size"), { userId: "Alice", colour: "rouge", size: "M" });
  });

  test("of two clicks counted with `set`, one is lost; with `update`, none", async () => {
    assert.deepEqual(await twoAtOnce("/click-lost", "/click-lost"), { userId: "Alice", clicks: 1 });
    assert.deepEqual(await twoAtOnce("/click-counted", "/click-counted"), { userId: "Alice", clicks: 2 });
  });

  test("a slow request that ends after the sign-out brings nothing back", async () => {
    const cookie = await signedIn();
    const slow = post("/colour", cookie);
    while ((await app().ask("GET", "/waiting")).body !== "1");
    await post("/logout", cookie);
    await open(1);
    assert.deepEqual((await slow).cookies, []);
    assert.deepEqual(JSON.parse((await page(app(), cookie)).body), { userId: null });
    assert.deepEqual(
      app()
        .sessionFiles()
        .filter(({ path }) => path.includes(cookie.slice(8, 40))),
      [],
    );
  });
});
