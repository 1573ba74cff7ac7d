// The files that the pages show, run: each program is asked what its page says that it answers.

import assert from "node:assert/strict";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSessions, memoryStore, type Session } from "vestiaire";
import { session } from "vestiaire/fetch";
import { WebSocket } from "ws";
import * as handlers from "../samples/session.ts";

const docs = fileURLToPath(new URL("../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "samples-"));
process.chdir(folder);
process.env.PORT = "0";
after(() => rmSync(folder, { recursive: true, force: true }));

/** A fetch function that keeps its cookie, as a browser does, and follows nothing. */
function browser(fetch: (request: Request) => Response | Promise<Response>) {
  let cookie: string | undefined;
  return async (method: string, path: string): Promise<Response> => {
    const headers = cookie === undefined ? {} : { Cookie: cookie };
    const response = await fetch(
      new Request(new URL(path, "http://localhost"), { method, headers, redirect: "manual" }),
    );
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) cookie = set.split(";", 1)[0];
    return response;
  };
}

/** The same for a server, which ends with the test. */
async function browserOf(server: Server) {
  if (!server.listening) await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return browser(({ url, method, headers }) =>
    fetch(new URL(new URL(url).pathname, `http://localhost:${port}`), {
      method,
      headers,
      redirect: "manual",
    }),
  );
}

test("the landing page's program keeps a cart through a sign-in", async () => {
  const { app } = await import("../samples/landing.ts");
  const ask = browser(app.fetch);
  const first = await ask("GET", "/");
  assert.deepEqual([await first.text(), first.headers.getSetCookie()], ["stranger: nothing yet", []]);
  await ask("POST", "/cart/hat");
  await ask("POST", "/cart/coat");
  await ask("POST", "/sign-in/Ada");
  assert.equal(await (await ask("GET", "/")).text(), "Ada: hat, coat");
});

test("the first steps answer what their page shows", async () => {
  const { server } = await import("../samples/start.ts");
  const ask = await browserOf(server as Server);
  const first = await ask("GET", "/");
  assert.equal(await first.text(), "Hello, stranger. In your cart: nothing.");
  assert.deepEqual(first.headers.getSetCookie(), []);
  const bought = await ask("POST", "/cart/hat");
  assert.equal(bought.status, 302);
  assert.match(
    bought.headers.getSetCookie()[0] ?? "",
    /^session=[0-9a-f]{32}\.[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  assert.equal(bought.headers.get("cache-control"), "no-store");
  assert.equal(await (await ask("GET", "/")).text(), "Hello, stranger. In your cart: hat.");
  await ask("POST", "/sign-in/Ada");
  assert.equal(await (await ask("GET", "/")).text(), "Hello, Ada. In your cart: hat.");
  await ask("POST", "/sign-out");
  assert.equal(await (await ask("GET", "/")).text(), "Hello, stranger. In your cart: nothing.");
});

for (const file of globSync("samples/frameworks/*.ts", { cwd: docs })) {
  test(`${file} counts visits`, async () => {
    const module = await import(join(docs, file));
    const ask = module.server ? await browserOf(module.server) : browser(module.default.fetch);
    assert.equal(await (await ask("GET", "/")).text(), "Visit 1");
    assert.equal(await (await ask("GET", "/")).text(), "Visit 2");
  });
}

test("what a handler does with its session", async () => {
  const sessions = createSessions<handlers.Visitor>({ store: memoryStore(), sweep: false });
  const withSession = session(sessions);
  let handle: (session: Session<handlers.Visitor>) => unknown;
  let answer: unknown;
  const visit = browser(
    withSession(async (_request, session) => {
      answer = await handle(session);
      return new Response();
    }),
  );
  const ask = async (next: typeof handle) => {
    handle = next;
    await visit("GET", "/");
    return answer;
  };
  assert.equal(await ask(handlers.greeting), "Hello, stranger");
  await ask(handlers.fill);
  assert.equal(await ask(handlers.greeting), "Ada, 0 in your cart");
  assert.equal(await ask(handlers.countVisit), "Visit 2");
  await ask(handlers.notify);
  assert.equal(await ask(handlers.noticeOf), '<p role="status">Your address was changed.</p>');
  assert.equal(await ask(handlers.noticeOf), "");
  await ask((session) => session.set("code", "1234"));
  assert.equal(await ask((session) => handlers.redeem(session, "1234")), true);
  assert.equal(await ask((session) => handlers.redeem(session, "1234")), false);
  assert.equal(await ask(handlers.signedInLately), false);
  await ask((session) => handlers.enter(session, { id: "7", name: "Grace" }));
  assert.equal(await ask(handlers.signedInLately), true);
  assert.equal(await ask((session) => handlers.keep(session, ["hat"])), "kept");
  assert.equal(
    await ask((session) => handlers.keep(session, ["x".repeat(70_000)])),
    "That is more than a cart holds.",
  );
  const wrong = [undefined] as unknown as string[];
  assert.match(String(await ask((session) => handlers.keep(session, wrong))), /^This cannot be kept: cart/);
  await ask(handlers.leave);
  assert.equal(await ask(handlers.greeting), "Hello, stranger");
});

test("the list of devices shows both, and ends the other", async () => {
  const { app } = await import("../samples/devices.ts");
  const [a, b] = [browser(app.fetch), browser(app.fetch)];
  assert.equal((await a("GET", "/devices")).status, 401);
  await a("POST", "/sign-in/ada");
  await b("POST", "/sign-in/ada");
  const devices = (await (await a("GET", "/devices")).json()) as { own: boolean }[];
  assert.deepEqual(devices.map(({ own }) => own).sort(), [false, true]);
  assert.equal(await (await a("POST", "/devices/end-others")).text(), "1 ended");
  assert.equal((await b("GET", "/devices")).status, 401);
  assert.equal((await a("GET", "/devices")).status, 200);
});

test("the listener hears of a sign-in", async () => {
  const { log, sessions } = await import("../samples/events.ts");
  const enter = session(sessions)((_request, session) => {
    session.signIn("ada");
    return new Response();
  });
  await enter(new Request("http://localhost/"));
  assert.deepEqual(
    log.map(({ type }) => type),
    ["signedIn"],
  );
});

test("the settings of the concepts can be", async () => {
  const { sessions } = await import("../samples/settings.ts");
  await sessions.close();
});

test("an event stream says goodbye when its session is ended", async () => {
  const { app, sessions } = await import("../samples/stream.ts");
  const ask = browser(app.fetch);
  assert.equal((await ask("GET", "/news")).status, 401);
  await ask("POST", "/sign-in/ada");
  const { body } = await ask("GET", "/news");
  assert.ok(body);
  const events: string[] = [];
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    events.push(piece.value);
    if (events.length === 1) await sessions.endAllOf("ada");
  }
  assert.match(events.join(""), /^data: Welcome, ada\n\nevent: signed-out\n/);
});

test("a websocket counts in the session, and closes with it", async () => {
  const { server, sessions } = await import("../samples/socket.ts");
  server.listen(0);
  await once(server, "listening");
  after(() => server.close());
  const address = `localhost:${(server.address() as AddressInfo).port}`;
  const signedIn = await fetch(`http://${address}/`);
  const headers = { Cookie: signedIn.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "" };
  const socket = new WebSocket(`ws://${address}/`, { headers });
  await once(socket, "open");
  const answers: string[] = [];
  for (const message of ["one", "two"]) {
    socket.send(message);
    const [data] = await once(socket, "message");
    answers.push(String(data));
  }
  assert.deepEqual(answers, ["1", "2"]);
  const closed = once(socket, "close");
  await sessions.endAllOf("ada");
  await closed;
});

test("every sample is run by a test, and shown by a page", () => {
  const tests = globSync("{test,samples}/**/*.test.ts", { cwd: docs });
  const run = tests.map((file) => readFileSync(join(docs, file), "utf8")).join("\n");
  const pages = globSync(["*.md", "{stores,frameworks,fr}/*.md"], { cwd: docs });
  const shown = pages.map((file) => readFileSync(join(docs, file), "utf8")).join("\n");
  for (const file of globSync("samples/**/*.ts", { cwd: docs })) {
    assert.ok(shown.includes(`<<< ${file}`) || shown.includes(`<<< ../${file}`), `no page shows ${file}`);
    const name = file.split("/").at(-1) ?? "";
    const inFolder = run.includes(`globSync("${file.replace(name, "*.ts")}"`);
    assert.ok(file.endsWith(".test.ts") || inFolder || run.includes(`/${name}"`), `no test runs ${file}`);
  }
});
