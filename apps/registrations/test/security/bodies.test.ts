// R8 of the security requirements: what is sent may be of any size, shape and encoding; it costs little, breaks nothing
// and is answered with a page that says what was wrong.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { type TestContext, test } from "node:test";
import { type Application, PASSWORD, promote, signedUp, startApplication } from "../support/application.ts";
import { eachDatabase } from "../support/databases.ts";
import { contentOf, routesOf } from "./probes.ts";

const MEGABYTE = 1024 * 1024;
const CHUNK = Buffer.from(`10000\r\n${"x".repeat(65_536)}\r\n`);

/** Sends a body for as long as the server takes it, as fast as it does. */
async function flood({ url }: Application, path: string, head: string) {
  const socket = connect(Number(new URL(url).port), "localhost");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text) => (answer += text));
  let sent = 0;
  let most = 0;
  function* chunks() {
    yield `POST ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n${head}\r\n\r\n`;
    for (; sent < 200 * MEGABYTE; sent += CHUNK.length) {
      most = Math.max(most, process.memoryUsage().rss);
      yield CHUNK;
    }
  }
  // That the connection breaks is what is hoped for.
  await pipeline(chunks, socket).catch(() => {});
  socket.destroy();
  return { sent, most, answer };
}

const OURS = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded";

const floods: Readonly<Record<string, { path: string; head: string; status: number }>> = {
  "a form without a length": { path: "/sign-in", head: `${OURS}\r\nTransfer-Encoding: chunked`, status: 413 },
  "a form with a length": {
    path: "/sign-in",
    head: `${OURS}\r\nContent-Length: ${200 * MEGABYTE}`,
    status: 413,
  },
  "where nothing is read": { path: "/sign-out", head: `${OURS}\r\nTransfer-Encoding: chunked`, status: 413 },
  "where nothing is": { path: "/nothing", head: `${OURS}\r\nTransfer-Encoding: chunked`, status: 413 },
  "from elsewhere": {
    path: "/sign-in",
    head: "Sec-Fetch-Site: cross-site\r\nTransfer-Encoding: chunked",
    status: 413,
  },
  "to an asset": { path: "/assets/x", head: `${OURS}\r\nTransfer-Encoding: chunked`, status: 413 },
};

for (const [what, { path, head, status }] of Object.entries(floods)) {
  test(`R8: two hundred megabytes sent as ${what} are refused early, and memory stays flat`, async (t) => {
    const application = await startApplication(t);
    await application.browser().get("/");
    const before = process.memoryUsage().rss;
    const { sent, most, answer } = await flood(application, path, head);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.ok(sent < 20 * MEGABYTE, `${sent} bytes were taken`);
    assert.ok(most - before < 64 * MEGABYTE, `memory grew by ${most - before} bytes`);
    assert.equal((await application.browser().get("/")).status, 200);
  });
}

const FORM = { "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin" };

test("R8: no route breaks on a body that is not what it expects", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const bodies: [type: string, body: string][] = [
    [
      "multipart/form-data; boundary=x",
      '--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n\xff\r\n--x--',
    ],
    ["text/plain", "sport=soccer"],
    ["", "sport=soccer"],
    ["application/xml", "<sport>soccer</sport>"],
    ["application/json", "{"],
    ["application/json", '{"__proto__":{"administrator":1}}'],
    ["application/json", `${"[".repeat(30_000)}`],
    ["application/json", '{"\\ud800":"\\ud800"}'],
    ["application/x-www-form-urlencoded", "%ff%fe=%zz&%=%&&&=&__proto__=x&constructor=y&toString=z"],
    ["application/x-www-form-urlencoded", "a&".repeat(32_000)],
    ["application/x-www-form-urlencoded", "sport=soccer&".repeat(5_000)],
    ["application/x-www-form-urlencoded", `name=${"%F0%9F%8E%AB".repeat(5_000)}`],
  ];
  for (const { method, path } of routesOf(application, "unsafe").filter(
    (route) => route.path !== "/sign-out",
  )) {
    for (const [type, body] of bodies) {
      const { status } = await ada.send(method, path, { ...FORM, "Content-Type": type }, body);
      assert.ok(status < 500, `${method} ${path} with ${type}, ${body.slice(0, 40)}: ${status}`);
    }
  }
});

test("R8: a form is read by nothing but its content type", async (t) => {
  const application = await startApplication(t);
  const credentials = new URLSearchParams({ name: "Ada", password: PASSWORD }).toString();
  await signedUp(application, "Ada");
  const types: Readonly<Record<string, number>> = {
    "application/x-www-form-urlencoded": 303,
    "application/x-www-form-urlencoded; charset=UTF-8": 303,
    "Application/X-WWW-Form-Urlencoded": 303,
    "application/x-www-form-urlencoded-2": 415,
    "text/plain; application/x-www-form-urlencoded": 415,
    "application/json": 415,
    "": 415,
  };
  for (const [type, status] of Object.entries(types)) {
    const answer = await application
      .browser()
      .send("POST", "/sign-in", { ...FORM, "Content-Type": type }, credentials);
    assert.equal(answer.status, status, type);
  }
});

test("R8: a late form that the session has no room for is too large, and the session goes on", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  await promote(application, "Ada");
  application.clock.advance(application.services.settings.REAUTHENTICATE_AFTER + 1);
  assert.equal((await ada.post("/admin/people", { name: "x".repeat(60_000) })).status, 303);
  // Short as a form, long as JSON.
  for (const body of ["a&".repeat(30_000), `name=${"%01".repeat(20_000)}`])
    assert.equal((await ada.send("POST", "/admin/people", FORM, body)).status, 413);
  assert.equal((await ada.get("/account")).status, 200);
});

test("R8: a field that comes twice, or is none of ours, has no effect of its own", async (t) => {
  const application = await startApplication(t);
  const browser = application.browser();
  const twice = await browser.post("/sign-up", { name: ["Ada", "Eve"], password: PASSWORD });
  assert.equal(twice.status, 400);
  assert.deepEqual((await contentOf(application)).people, []);
});

eachDatabase("R8: NUL is a mistake of who sent it, wherever it is", async ({ url }, t) => {
  const application = await startApplication(t, { DATABASE_URL: url });
  const ada = await signedUp(application, "Ada");
  await promote(application, "Ada");
  const before = await contentOf(application);
  const reads = routesOf(application, "safe").flatMap(({ path }) => [
    `${path}?next=%00&name=%00&sport=%00&cursor=%00&action=%00`,
    ...(path.includes("-0000-") ? [path.replace("-0000-", "%00")] : []),
  ]);
  const answers = await Promise.all([
    ...reads.map((path) => ada.get(path)),
    ada.post("/registrations/x%00/take-back"),
    ada.post("/sign-in", { name: "A\0da", password: PASSWORD }),
    ada.post("/sign-in", { name: "Ada", password: `${PASSWORD}\0` }),
    ada.post("/sign-up", { name: "E\0ve", password: PASSWORD }),
    ada.post("/sign-up", { name: "Eve", password: `\0${PASSWORD}` }),
    ada.post("/registrations", { sport: "soccer\0" }),
    ada.post("/registrations", { "sport\0": "soccer", sport: "soccer" }),
    ada.post("/admin/people", { name: "E\0ve" }),
    ada.post("/language", { language: "fr", next: "/\0" }),
  ]);
  assert.ok(reads.some((path) => path.startsWith("/registrations/")));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([400]));
  assert.deepEqual(await contentOf(application), before);
});

eachDatabase("R8: NUL in JSON is a mistake of who sent it as well", async ({ url }, t) => {
  const application = await startApplication(t, { DATABASE_URL: url });
  const ada = await signedUp(application, "Ada");
  const credential = { id: "\0", rawId: "\0", type: "public-key", response: {}, clientExtensionResults: {} };
  for (const { path } of routesOf(application, "unsafe")) {
    const { status } = await ada.postJson(path, {
      name: "\0",
      label: "\0",
      credential,
      next: "\0",
      purpose: "\0",
    });
    assert.ok(status < 500, `${path}: ${status}`);
  }
});

/** A way to the database that can be cut. */
async function cable(t: TestContext, url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port || 5432), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other).on("error", () => {});
      socket.on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  t.after(cut);
  const through = new URL(url);
  through.hostname = "127.0.0.1";
  through.port = String((server.address() as { port: number }).port);
  return { url: through.href, cut };
}

eachDatabase(
  "R8: with the database away every page says so, and nobody is taken for a stranger",
  async ({ url }, t) => {
    if (url.startsWith("sqlite:")) return t.skip("a file is never away");
    const { url: through, cut } = await cable(t, url);
    const application = await startApplication(t, { DATABASE_URL: through });
    const ada = await signedUp(application, "Ada");
    const session = ada.cookies.get("session");
    cut();
    for (const answer of [
      await ada.get("/"),
      await ada.get("/registrations"),
      await ada.post("/registrations", { sport: "soccer" }),
      await ada.post("/sign-in", { name: "Ada", password: PASSWORD }),
      await application.browser().post("/sign-up", { name: "Bob", password: PASSWORD }),
      await ada.post("/sign-out"),
    ]) {
      assert.equal(answer.status, 503);
      assert.equal(answer.headers["set-cookie"], undefined);
      assert.match(answer.body, /<title>We will be right back/);
    }
    assert.equal(ada.cookies.get("session"), session);
  },
);
