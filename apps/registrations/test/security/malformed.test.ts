// R8 of the security requirements, where Node.js would answer by itself: what cannot be read as a request gets a page with
// the headers as well. Bytes are sent as they are, since no client would send these.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import pino from "pino";
import { badRequests } from "../../src/operations/bad-requests.ts";
import { Connections } from "../../src/operations/connections.ts";
import { readSettings } from "../../src/settings.ts";
import { type Application, startApplication } from "../support/application.ts";
import { sendRaw } from "./probes.ts";

const LONG = "x".repeat(20_000);
const HOST = "Host: localhost";
const CHUNKED = `POST /sign-in HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`;

/** What nobody can read, by what is wrong with it: the bytes, and the status that says so. */
const malformed: Readonly<Record<string, readonly [bytes: string, status: number]>> = {
  "a header that is too long": [`GET / HTTP/1.1\r\n${HOST}\r\nCookie: ${LONG}\r\n\r\n`, 431],
  "an address that is too long": [`GET /${LONG} HTTP/1.1\r\n${HOST}\r\n\r\n`, 431],
  "no HTTP at all": ["what is this?\r\n\r\n", 400],
  "two lengths": [`POST / HTTP/1.1\r\n${HOST}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
  "a chunk without a length": [`${CHUNKED}zz\r\n`, 400],
  "a chunk that says too much of itself": [`${CHUNKED}1;${LONG}\r\n`, 413],
  "an address with a backslash": [`GET /a\\b HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`, 400],
  "a host that is none": ["GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", 400],
};

/** Head and body of an answer. */
function parsed(answer: string) {
  const [head = "", body = ""] = answer.split("\r\n\r\n", 2);
  const [first = "", ...lines] = head.split("\r\n");
  const headers = new Map(
    lines.map((line) => [line.split(": ", 1)[0]?.toLowerCase(), line.slice(line.indexOf(": ") + 2)]),
  );
  return { status: Number(first.split(" ")[1]), headers, body };
}

async function headersOf(application: Application) {
  const { headers } = await application.browser().get("/nothing");
  return ["content-security-policy", "strict-transport-security", "x-frame-options", "cache-control"].concat(
    Object.keys(headers).filter((name) => /^(?:x-|cross-|referrer|permissions)/.test(name)),
  );
}

test("R8: what cannot be read as a request gets a page in every language, with the headers", async (t) => {
  const application = await startApplication(t, {
    ORIGIN: "https://register.example.org",
    TRUSTED_PROXIES: "127.0.0.1,::1",
  });
  const names = await headersOf(application);
  assert.ok(names.length > 8);
  for (const [what, [bytes, status]] of Object.entries(malformed)) {
    const answer = parsed(await sendRaw(application, bytes));
    assert.equal(answer.status, status, what);
    for (const name of names) assert.ok(answer.headers.has(name), `${what}: ${name}`);
    assert.equal(answer.headers.get("content-type"), "text/html; charset=UTF-8", what);
    assert.equal(answer.headers.get("connection"), "close", what);
    assert.match(answer.body, /<html lang="en">[\s\S]*<h1[\s\S]*<div lang="fr">[\s\S]*<h1/, what);
    assert.doesNotMatch(answer.body, /xxx|HPE|\.ts\b|Error/, what);
  }
  const unread = application.logged.filter((line) => line.includes("a request could not be read"));
  assert.ok(unread.some((line) => line.includes('"status":431,"code":"HPE_HEADER_OVERFLOW"')));
  assert.doesNotMatch(unread.join(""), /xxx/, "what was sent stays out of the log");
});

test("R8: HTTP/1.1 without a host is refused with the visitor's page", async (t) => {
  const application = await startApplication(t);
  const { status, headers, body } = parsed(
    await sendRaw(application, "GET / HTTP/1.1\r\nAccept-Language: fr\r\nConnection: close\r\n\r\n"),
  );
  assert.equal(status, 400);
  assert.ok(headers.has("content-security-policy"));
  assert.match(body, /<html lang="fr">/);
});

test("R8: a request that expects what we do not know is served all the same", async (t) => {
  const application = await startApplication(t);
  const { status, headers, body } = await application.browser().get("/sign-in", { Expect: "miracles" });
  assert.equal(status, 200);
  assert.ok(headers["content-security-policy"]);
  assert.match(body, /<h1/);
});

test("R8: no page is put into the middle of an answer", async (t) => {
  const server = createServer((_, response) => void response.write("the first half"));
  const { watch } = await badRequests(readSettings({}));
  watch(server, new Connections(server), pino({ level: "silent" }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write(`GET / HTTP/1.1\r\n${HOST}\r\n\r\n`);
  const answer = text(socket);
  await once(socket, "data");
  socket.write("what is this?\r\n\r\n");
  assert.match(await answer.catch(() => ""), /^HTTP\/1.1 200 (?:(?!HTTP)[\s\S])*$/);
});
