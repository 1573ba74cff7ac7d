// Where something is kept, as it is said to people: never with what opens it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "../../src/operations/start-error.ts";

test("a place is a path, or a server's URL without credentials and parameters", () => {
  for (const [url, place] of [
    ["memory:", "memory"],
    ["file:./data/sessions", "./data/sessions"],
    ["sqlite:/var/lib/people@home.db", "/var/lib/people@home.db"],
    ["redis://:geheim@host:6379/0#registrations:", "redis://host:6379/0#registrations:"],
    ["redis+cluster://me:geheim@one:1,two:2", "redis+cluster://one:1,two:2"],
    ["postgres://me:gehe@im@[::1]/people?password=geheim", "postgres://[::1]/people"],
    ["postgres:///people?user=me&password=geheim#sessions", "postgres:///people#sessions"],
    ["mongodb://me:geheim@one:1,two:2/people?replicaSet=rs0", "mongodb://one:1,two:2/people"],
    ["dynamodb://eu-west-3/sessions?endpoint=http://geheim@host", "dynamodb://…"],
  ] as const)
    assert.equal(placeOf(url), place);
});

test("a password that a URL could not hold as it is written is not taken for a host or a path", () => {
  for (const sign of ["/", "?", "#"]) assert.equal(placeOf(`redis://me:ge${sign}heim@host/0`), "redis://…");
  for (const url of ["redis:geheim@host", "redis:geheim", "redis://host/0?password=ge@heim"])
    assert.equal(placeOf(url), "redis://…");
});
