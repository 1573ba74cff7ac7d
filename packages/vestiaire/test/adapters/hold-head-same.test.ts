// A held response is a plain one that leaves later: the same bytes on the wire, the same errors for the same mistakes,
// and the same state to look at, whether the commit answers at once or not.

import assert from "node:assert/strict";
import type { OutgoingHttpHeader } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type TestContext, test } from "node:test";
import { GET, type Handler, heldly, NOTHING, plainly, turns, withoutDate } from "./hold-fixtures.ts";

const COOKIES = ["a=1", "b=2"];
const PAIRS = [
  ["X-Pair", "1"],
  ["Set-Cookie", "a=1"],
  ["Set-Cookie", "b=2"],
];

/** What handlers send. */
const ANSWERS: Readonly<Record<string, Handler>> = {
  "nothing but an end": (response) => response.end(),
  "a text": (response) => response.end("text é"),
  bytes: (response) => response.end(Buffer.from("bytes")),
  "a text in another encoding": (response) => response.write("aGV4", "base64") && response.end("ff", "hex"),
  "several pieces": (response) => {
    response.write("one ");
    response.write(Buffer.from("two "));
    response.end("three");
  },
  "an empty piece first": (response) => {
    response.write("");
    response.end("text");
  },
  "a status and headers": (response) => {
    response.statusCode = 418;
    response.setHeader("Content-Type", "text/plain").setHeader("Set-Cookie", [...COOKIES]);
    response.appendHeader("Set-Cookie", "c=3").removeHeader("X-None");
    response.end("short and stout");
  },
  "headers from a Map": (response) => response.setHeaders(new Map([["x-map", "1"]])).end(),
  "headers from Headers": (response) => {
    response.setHeaders(
      new Headers([...COOKIES.map((cookie) => ["Set-Cookie", cookie] as [string, string])]),
    );
    response.end("text");
  },
  "a length of its own": (response) => {
    response.setHeader("Content-Length", 4);
    response.write("te");
    response.end("xt");
  },
  "writeHead with an object": (response) => {
    response.writeHead(201, { "X-Object": "1", "Set-Cookie": COOKIES });
    response.write("te");
    response.end("xt");
  },
  "writeHead with a flat list": (response) => {
    const flat = ["X-Flat", "1", "Set-Cookie", "a=1", "Set-Cookie", "b=2"];
    response.writeHead(200, flat).write("te");
    response.end("xt");
  },
  "writeHead with pairs": (response) => {
    response.writeHead(200, PAIRS as unknown as OutgoingHttpHeader[]).write("te");
    response.end("xt");
  },
  "writeHead over headers that were set": (response) => {
    response.setHeader("X-Kept", "1").setHeader("X-Replaced", "1").setHeader("Set-Cookie", "old=1");
    response.writeHead(200, ["X-Replaced", "2", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]).write("te");
    response.end("xt");
  },
  "writeHead with a message": (response) => {
    response.writeHead(200, "Fine", { "X-Object": "1" }).write("text");
    response.end();
  },
  "writeHead with a status as text": (response) => {
    response.writeHead("404" as unknown as number, undefined).write("text");
    response.end();
  },
  "a message of its own": (response) => {
    response.statusMessage = "Fine";
    response.end("text");
  },
  "a 204": (response) => response.writeHead(204).end(),
  "a 204 with a body that must not leave": (response) => {
    response.statusCode = 204;
    response.end("text");
  },
  "a 304": (response) => response.writeHead(304, { ETag: '"1"' }).end(),
  trailers: (response, { method, httpVersion }) => {
    // Node refuses to announce them where there is no place for them.
    response.writeHead(200, method === "GET" && httpVersion === "1.1" ? { Trailer: "X-Trailer" } : {});
    response.write("text");
    response.addTrailers({ "X-Trailer": "1" });
    response.end();
  },
  "trailers before the body": (response) => {
    response.addTrailers({ "X-Trailer": "1" });
    response.write("te");
    response.end("xt");
  },
  "a flushed head": (response) => {
    response.setHeader("X-Flushed", "1").flushHeaders();
    response.flushHeaders();
    response.end("text");
  },
  "a pipe": (response) => Readable.from(["one ", "two ", "three"]).pipe(response),
  "a pipeline": (response) => pipeline(Readable.from(["one ", "two ", "three"]), response),
  "early hints and other 1xx": (response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    response.writeContinue();
    response.writeProcessing();
    response.end("text");
  },
  "pieces that come late": async (response) => {
    response.write("te");
    await turns();
    response.end("xt");
  },
  "two ends": (response) => {
    response.end("text");
    response.end();
  },
};

const REQUESTS: Readonly<Record<string, string>> = {
  GET,
  HEAD: GET.replace("GET", "HEAD"),
  "HTTP/1.0": "GET / HTTP/1.0\r\n\r\n",
};

test("a response leaves byte for byte as without the hold", async (t) => {
  for (const [method, request] of Object.entries(REQUESTS)) {
    for (const [answer, handler] of Object.entries(ANSWERS)) {
      await t.test(`${answer}, ${method}`, async (t) => assertSameBytes(t, handler, request));
    }
  }
});

test("only a fixed head differs: it still gets the length of the one piece that follows", async (t) => {
  const handler: Handler = (response) => response.writeHead(200, { "X-Object": "1" }).end("text");
  const plain = withoutDate(await plainly(t, handler));
  const held = withoutDate(await heldly(t, handler));
  assert.match(plain, /Transfer-Encoding: chunked\r\n\r\n4\r\ntext\r\n0\r\n\r\n$/);
  assert.match(
    held,
    /^HTTP\/1.1 200 OK\r\nX-Object: 1\r\nConnection: close\r\nContent-Length: 4\r\n\r\ntext$/,
  );
});

test("a request that expects 100 is told to continue before the commit, and answered as without the hold", async (t) => {
  const request = `${GET.replace("GET", "PUT").slice(0, -2)}Expect: 100-continue\r\nContent-Length: 4\r\n\r\nbody`;
  await assertSameBytes(t, (response, incoming) => incoming.pipe(response), request);
});

type Note = (value: unknown) => void;
type Noting = (response: Parameters<Handler>[0], note: Note) => unknown;

/** What `work` throws, as far as programs look at it; or that it throws nothing. */
function outcomeOf(work: () => unknown): string {
  try {
    work();
    return "done";
  } catch (error) {
    return error instanceof Error ? `${error.name} ${String(Reflect.get(error, "code"))}` : "?";
  }
}

/** A wrong call, its outcome noted, and then an answer nevertheless. */
function wrong(work: (response: Parameters<Handler>[0]) => unknown): Noting {
  return (response, note) => {
    note(outcomeOf(() => work(response)));
    note(response.headersSent);
    response.statusCode = 200;
    response.statusMessage = "OK";
    if (!response.writableEnded) response.write("rest");
    response.end();
  };
}

function untyped(value: unknown) {
  return value as never;
}

const NOTING: Readonly<Record<string, Noting>> = {
  "a status below 100": wrong((response) => response.writeHead(99)),
  "a status above 999": wrong((response) => response.writeHead(1_000)),
  "a status that is no number": wrong((response) => response.writeHead(untyped("abc"))),
  "a wrong statusCode, at the end": wrong((response) => {
    response.statusCode = 9_999;
    response.end("text");
  }),
  "a wrong statusCode, at the first piece": wrong((response) => {
    response.statusCode = 0;
    response.write("text");
  }),
  "a message with a line break": wrong((response) => response.writeHead(200, "a\nb")),
  "a wrong statusMessage, at the end": wrong((response) => {
    response.statusMessage = "a\nb";
    response.end("text");
  }),
  "an odd list of headers": wrong((response) => response.writeHead(200, ["X-Odd"])),
  "a wrong header name": wrong((response) => response.setHeader("a b", "1")),
  "a wrong header value": wrong((response) => response.setHeader("X-A", "a\nb")),
  "a wrong header value in writeHead": wrong((response) => response.writeHead(200, { "X-A": "a\nb" })),
  "an absent header value in writeHead": wrong((response) => response.writeHead(200, { "X-A": undefined })),
  "wrong headers": wrong((response) => response.setHeaders(untyped([]))),
  "a wrong trailer": wrong((response) => response.addTrailers({ "a b": "1" })),
  "a number as a piece": wrong((response) => response.write(7)),
  "an object as a piece": wrong((response) => response.write({})),
  "null as a piece": wrong((response) => response.write(null)),
  "nothing as a piece": wrong((response) => response.write(undefined)),
  "a number as the last piece": wrong((response) => response.end(7)),
  "an empty last piece": wrong((response) => response.end(0)),
  "writeHead twice": wrong((response) => response.writeHead(200).writeHead(201)),
  "writeHead after a piece": wrong((response) => response.write("text") && response.writeHead(200)),
  "setHeader after a piece": wrong((response) => response.write("text") && response.setHeader("X-A", "1")),
  "setHeader after the end": wrong((response) => response.end().setHeader("X-A", "1")),
  "setHeaders after a piece": wrong((response) => response.write("a") && response.setHeaders(new Map())),
  "appendHeader after a piece": wrong((response) => response.write("a") && response.appendHeader("X-A", "1")),
  "removeHeader after a piece": wrong((response) => response.write("text") && response.removeHeader("X-A")),
  "setHeader after writeHead": wrong((response) => response.writeHead(200).setHeader("X-A", "1")),
  "writeHead after flushHeaders": wrong((response) => {
    response.flushHeaders();
    response.writeHead(200);
  }),
  "what was sent": (response, note) => {
    note([response.headersSent, response.writableEnded]);
    response.writeHead(200, { "X-A": "1" });
    note([response.headersSent, response.writableEnded]);
    response.write("text");
    note([response.headersSent, response.writableEnded]);
    response.end();
    note([response.headersSent, response.writableEnded]);
  },
  "what a pipe looks at": (response, note) => {
    response.on("pipe", () => note(["pipe", response.headersSent]));
    response.on("finish", () => note(["finish", response.writableFinished]));
    response.on("close", () => note("close"));
    Readable.from(["text"]).pipe(response);
  },
  "when callbacks come": (response, note) => {
    response.on("finish", () => note("finish"));
    response.write("one", () => note("first"));
    response.write("two", "utf8", () => note("second"));
    response.end("three", () => note("end"));
  },
  "the callback of an end without a piece": (response, note) => {
    response.write("text", () => note("written"));
    response.end(() => note("end"));
  },
  "a piece after the end": (response, note) => {
    response.on("error", (error) => note(["event", Reflect.get(error, "code")]));
    response.end("text");
    response.write("more", (error) => note(["callback", error && Reflect.get(error, "code")]));
  },
  "an end with a piece after the end": (response, note) => {
    response.on("error", (error) => note(["event", Reflect.get(error, "code")]));
    response.end("text");
    response.end("more", () => note("callback"));
  },
  "an end with a callback after the end": (response, note) => {
    response.end("text", () => note("first"));
    response.end(() => note("second"));
  },
};

test("mistakes raise Node's own errors, in the same place, and events come in the same order", async (t) => {
  for (const [mistake, noting] of Object.entries(NOTING)) {
    await t.test(mistake, async (t) => {
      const lists: unknown[][] = [];
      const answers = await answersOf(t, (response) => {
        const notes: unknown[] = [];
        lists.push(notes);
        noting(response, (value) => notes.push(value));
      });
      await turns();
      const [plain, ...held] = lists;
      const bodies = answers.map((answer) => /(text|rest|)(?:\r\n0\r\n\r\n)?$/.exec(answer)?.[1]);
      assert.equal(new Set(bodies).size, 1, answers.join("\n"));
      assert.ok(plain && plain.length > 0);
      for (const notes of held) assert.deepEqual(notes, plain);
    });
  }
});

async function assertSameBytes(t: TestContext, handler: Handler, request = GET): Promise<void> {
  const [plain = "", ...held] = await answersOf(t, handler, request);
  assert.match(plain, /^HTTP\/1\.1 \d{3} /);
  for (const answer of held) assert.equal(answer, plain);
}

/** What a plain server sends, what leaves after a commit that answers at once, and what after one that does not. */
async function answersOf(t: TestContext, handler: Handler, request = GET): Promise<string[]> {
  const later = async () => {
    await turns();
    return NOTHING;
  };
  const answers = [
    await plainly(t, handler, request),
    await heldly(t, handler, request),
    await heldly(t, handler, request, later),
  ];
  return answers.map(withoutDate);
}
