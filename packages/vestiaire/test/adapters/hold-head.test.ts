// What a held response does that a plain one does not: it looks sent while nothing has left, keeps little in memory, and
// after a failed commit sends the failure and nothing of what was prepared.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { test } from "node:test";
import { holdHead } from "../../src/adapters/hold-head.ts";
import { varyWithCookie } from "../../src/adapters/options.ts";
import { Latch } from "../../src/testing/adapter-cases-fixtures.ts";
import {
  GET,
  type Handler,
  heldly,
  holding,
  KEPT_ALIVE,
  NOTHING,
  turns,
  UNAVAILABLE,
  wireTo,
  withoutDate,
} from "./hold-fixtures.ts";

const MEGABYTE = 1_048_576;

/** The answer to a failed commit, whatever was prepared. */
const FAILED = withoutDate(
  "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 1\r\n" +
    "Content-Length: 12\r\nConnection: close\r\n\r\nunavailable\n",
);

/** What makes the head leave. */
const TRIGGERS: Readonly<Record<string, Handler>> = {
  write: (response) => response.write("text"),
  "an empty write": (response) => response.write(""),
  end: (response) => response.end(),
  "end with a text": (response) => response.end("text"),
  flushHeaders: (response) => response.flushHeaders(),
  pipe: (response) => Readable.from(["text"]).pipe(response),
};

for (const [trigger, handler] of Object.entries(TRIGGERS)) {
  test(`${trigger} asks for the commit, once, and nothing leaves before it is done`, async (t) => {
    const { wire, response, committing, statuses, settle } = await holding(t, (response, request) => {
      response.statusCode = 201;
      handler(response, request);
    });
    await committing;
    assert.equal(response.headersSent, true);
    assert.throws(() => response.setHeader("X-Late", "1"), { code: "ERR_HTTP_HEADERS_SENT" });
    await turns();
    assert.equal(wire.received, "");
    settle();
    response.end();
    assert.match(await wire.closed(), /^HTTP\/1\.1 201 Created\r\n/);
    assert.deepEqual(statuses, [201]);
  });
}

test("writeHead fixes the head and asks for no commit, since nothing would leave yet", async (t) => {
  const { response, statuses, settle } = await holding(t, (response) => response.writeHead(404));
  assert.equal(response.headersSent, true);
  assert.throws(() => response.removeHeader("X-Late"), { code: "ERR_HTTP_HEADERS_SENT" });
  await turns();
  assert.deepEqual(statuses, []);
  response.end();
  assert.deepEqual(statuses, [404]);
  settle();
});

test("what is set on the fixed head's status later does not count", async (t) => {
  const answer = await heldly(t, (response) => {
    response.writeHead(404);
    response.statusCode = 200;
    response.end();
  });
  assert.match(answer, /^HTTP\/1\.1 404 /);
});

test("1xx leave before the commit", async (t) => {
  const { wire, settle } = await holding(t, (response) => {
    response.writeProcessing();
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    response.end("text");
  });
  const early = await wire.until((received) => received.includes("preload\r\n\r\n"));
  assert.match(early, /^HTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 103 Early Hints\r\n/);
  await turns();
  assert.equal(wire.received, early);
  settle();
  assert.match(await wire.closed(), /preload\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
});

test("write answers false at the high-water mark, and drain follows the commit, once", async (t) => {
  const { response, settle } = await holding(t, () => {});
  const half = "x".repeat(response.writableHighWaterMark / 2);
  let drains = 0;
  response.on("drain", () => {
    drains += 1;
  });
  assert.deepEqual([response.write(half), response.write(half), response.write("x")], [true, false, false]);
  await turns();
  assert.equal(drains, 0);
  const drained = once(response, "drain");
  settle();
  await drained;
  await turns();
  assert.equal(drains, 1);
  assert.equal(response.write("x"), true);
});

/** Ways to let a source run into a response. */
const PIPES: Readonly<Record<string, (source: Readable, response: ServerResponse) => unknown>> = {
  pipe: (source, response) => source.pipe(response),
  pipeline: (source, response) => pipeline(source, response).catch(() => {}),
};

for (const [way, send] of Object.entries(PIPES)) {
  test(`${way} waits for the commit with no more in memory than the high-water marks allow`, async (t) => {
    const chunk = Buffer.alloc(65_536, "x");
    let produced = 0;
    const source = new Readable({
      read() {
        produced += chunk.length;
        this.push(produced > 10 * MEGABYTE ? null : chunk);
      },
    });
    const { wire, response, settle } = await holding(t, (response) => send(source, response));
    await turns();
    assert.ok(produced <= response.writableHighWaterMark + source.readableHighWaterMark + 2 * chunk.length);
    settle();
    const answer = await wire.closed();
    assert.ok(answer.length > 10 * MEGABYTE);
    assert.ok(answer.endsWith("\r\n0\r\n\r\n"));
  });
}

test("a failed commit sends the failure alone: no header, status, message, trailer or text of the handler's", async (t) => {
  const handlers: Readonly<Record<string, Handler>> = {
    set: (response) => {
      response.setHeader("X-Secret", "1").setHeader("Set-Cookie", ["a=1"]).setHeader("Content-Length", 6);
      response.statusCode = 200;
      response.statusMessage = "Secret";
      response.end("secret");
    },
    written: (response) => {
      response.writeHead(200, "Secret", ["X-Secret", "1", "Set-Cookie", "a=1", "Trailer", "X-Trailer"]);
      response.addTrailers({ "X-Trailer": "secret" });
      response.write("secret");
      response.addTrailers({ "X-Trailer": "secret" });
      response.end("secret");
    },
    empty: (response) => response.writeHead(204, { "X-Secret": "1" }).end(),
    flushed: (response) => response.flushHeaders(),
    piped: (response) => Readable.from(["secret", "secret"]).pipe(response),
  };
  const commits = {
    "at once": () => {
      throw new Error("down");
    },
    later: async () => {
      await turns();
      throw new Error("down");
    },
  };
  for (const [pace, commit] of Object.entries(commits)) {
    for (const [kind, handler] of Object.entries(handlers)) {
      const answer = withoutDate(await heldly(t, handler, GET, commit));
      assert.equal(answer, FAILED, `${kind}, ${pace}`);
    }
  }
});

test("after a failed commit every callback hears of it, and whoever waits for the end gets it", async (t) => {
  const down = new Error("down");
  const heard: unknown[] = [];
  const { wire, response, committing, settle } = await holding(t, (response) => {
    response.write("first", (error) => heard.push(["first", error]));
    response.end("second", (error?: unknown) => heard.push(["second", error]));
  });
  await committing;
  const over = finished(response);
  settle(down);
  await wire.closed();
  await over;
  assert.equal(
    response.write("third", (error) => heard.push(["third", error])),
    true,
  );
  response.end((error?: unknown) => heard.push(["end", error]));
  await turns();
  assert.deepEqual(heard, [
    ["first", down],
    ["second", down],
    ["third", down],
    ["end", down],
  ]);
});

for (const [way, send] of Object.entries(PIPES)) {
  test(`after a failed commit, what comes by ${way} is not left hanging`, async (t) => {
    const source = Readable.from(Array.from({ length: 100 }, () => "x".repeat(10_000)));
    const { wire, committing, settle } = await holding(t, (response) => send(source, response));
    await committing;
    await turns();
    assert.equal(source.readableEnded, false);
    settle(new Error("down"));
    assert.equal(withoutDate(await wire.closed()), FAILED);
    if (!source.closed) await once(source, "close");
  });
}

test("after a failed commit headers are refused as sent, and the failure stays as it is", async (t) => {
  const { wire, response, committing, settle } = await holding(t, (response) => response.write("text"));
  await committing;
  settle(new Error("down"));
  await wire.closed();
  assert.equal(response.headersSent, true);
  assert.equal(response.writableEnded, true);
  for (const late of [
    () => response.setHeader("X-Late", "1"),
    () => response.appendHeader("X-Late", "1"),
    () => response.writeHead(200),
  ]) {
    assert.throws(late, { code: "ERR_HTTP_HEADERS_SENT" });
  }
  response.addTrailers({ "X-Late": "1" });
  response.flushHeaders();
  assert.equal(withoutDate(wire.received), FAILED);
});

test("the connection goes on after a failed commit", async (t) => {
  let requests = 0;
  const wire = await wireTo(t, (_request, response) => {
    requests += 1;
    const commit = requests % 2 === 1 ? () => Promise.reject(new Error("down")) : () => NOTHING;
    holdHead(response, { commit, replyTo: () => UNAVAILABLE });
    response.writeHead(200, { Connection: "keep-alive" });
    response.write(`answer ${requests}`);
    response.end();
  });
  wire.send(KEPT_ALIVE.repeat(4));
  const answers = await wire.until((received) => received.includes("answer 4"));
  assert.deepEqual(answers.match(/HTTP\/1\.1 \d+|answer \d|unavailable/g), [
    ...["HTTP/1.1 503", "unavailable", "HTTP/1.1 200", "answer 2"],
    ...["HTTP/1.1 503", "unavailable", "HTTP/1.1 200", "answer 4"],
  ]);
});

test("a client that goes away while the head is held disturbs nothing, whatever comes of the commit", async (t) => {
  for (const error of [undefined, new Error("down")]) {
    const heard: string[] = [];
    const { wire, response, committing, statuses, settle } = await holding(t, (response) => {
      response.on("error", (problem) => heard.push(String(problem)));
      response.write("one", () => heard.push("first"));
      response.end("two");
    });
    await committing;
    wire.close();
    await once(response, "close");
    settle(error);
    await turns();
    assert.deepEqual(statuses, [200]);
    assert.deepEqual(heard, ["first"]);
  }
});

test("a handler that starts to write after its client went away is committed all the same", async (t) => {
  const { wire, response, statuses, settle } = await holding(t, () => {});
  wire.close();
  await once(response, "close");
  response.writeHead(303, { Location: "/" }).end();
  settle();
  await turns();
  assert.deepEqual(statuses, [303]);
});

test("what the commit adds stands beside the handler's headers, in a list of its own", async (t) => {
  const shared = ["a=1"];
  const commit = () => ({ cookie: "session=secret", used: true });
  const answers: string[] = [];
  for (const handler of [
    (response) => response.setHeader("Set-Cookie", shared).setHeader("Vary", ["Accept", "Origin"]).end(),
    (response) => response.writeHead(200, { "set-cookie": shared, vary: "Accept, Origin" }).end(),
    (response) => response.writeHead(200, ["Set-Cookie", shared, "Vary", "Accept", "Vary", "Origin"]).end(),
  ] satisfies Handler[]) {
    answers.push(await heldly(t, handler, GET, commit));
  }
  for (const answer of answers) {
    assert.deepEqual(answer.match(/(?<=^set-cookie: ).*$/gim), ["a=1", "session=secret"]);
    assert.match(answer, /^vary: Accept, Origin, Cookie\r$/im);
    assert.match(answer, /^cache-control: no-store\r$/im);
  }
  assert.deepEqual(shared, ["a=1"]);
});

test("Vary says Cookie once", () => {
  assert.equal(varyWithCookie(undefined), "Cookie");
  assert.equal(varyWithCookie(""), "Cookie");
  assert.equal(varyWithCookie("Accept"), "Accept, Cookie");
  assert.equal(varyWithCookie("X-Cookie, Cookies"), "X-Cookie, Cookies, Cookie");
  for (const enough of ["*", "Cookie", "accept,cookie", "Accept ,  COOKIE , Origin"]) {
    assert.equal(varyWithCookie(enough), enough);
  }
});

/** As on-headers does it: a last change of the head, when it is fixed. */
function onHead(response: ServerResponse, change: () => void): void {
  const { writeHead } = response;
  let done = false;
  response.writeHead = ((...args: Parameters<typeof writeHead>) => {
    if (!done) {
      done = true;
      change();
    }
    return writeHead.apply(response, args);
  }) as typeof writeHead;
}

/** As compression does it: what is written is transformed on its way, some of it later. */
function shouting(response: ServerResponse, asksForHeader: "publicly" | "privately"): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const fixHead = () => {
    if (asksForHeader === "publicly") {
      if (!response.headersSent) response.writeHead(response.statusCode);
    } else if (!Reflect.get(response, "_header")) {
      (response as ServerResponse & { _implicitHeader(): void })._implicitHeader();
    }
  };
  onHead(response, () => {
    response.setHeader("X-Shouting", "yes");
    response.removeHeader("Content-Length");
  });
  let last = Promise.resolve();
  response.write = ((chunk: string) => {
    fixHead();
    last = last.then(() => void write(chunk.toUpperCase()));
    return true;
  }) as typeof write;
  response.end = ((chunk?: string) => {
    fixHead();
    void last.then(() => (chunk === undefined ? end() : end(chunk.toUpperCase())));
    return response;
  }) as typeof end;
}

for (const order of ["before", "after"] as const) {
  for (const asks of ["publicly", "privately"] as const) {
    test(`a middleware that wraps the response ${order} the hold, and asks ${asks} for the head, works`, async (t) => {
      const latch = new Latch();
      const wire = await wireTo(t, async (_request, response) => {
        const hold = () =>
          holdHead(response, {
            async commit() {
              await latch.wait();
              return { cookie: "session=1", used: true };
            },
            replyTo: () => UNAVAILABLE,
          });
        if (order === "after") hold();
        shouting(response, asks);
        if (order === "before") hold();
        response.setHeader("Content-Length", 8);
        response.write("one ");
        response.write("two ");
        await turns();
        response.end("three");
      });
      wire.send(GET);
      await latch.reached;
      await turns();
      assert.equal(wire.received, "");
      latch.open();
      const answer = await wire.closed();
      assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
      assert.match(answer, /^X-Shouting: yes\r$/m);
      assert.match(answer, /^Set-Cookie: session=1\r$/m);
      assert.doesNotMatch(answer, /Content-Length/);
      assert.deepEqual(answer.match(/ONE |TWO |THREE/g), ["ONE ", "TWO ", "THREE"]);
    });
  }
}

test("a failure leaves through the middleware that wrapped the response before the hold", async (t) => {
  const commit = () => Promise.reject(new Error("down"));
  const wire = await wireTo(t, (_request, response) => {
    shouting(response, "publicly");
    holdHead(response, { commit, replyTo: () => UNAVAILABLE });
    response.end("text");
  });
  wire.send(GET);
  assert.match(await wire.closed(), /^HTTP\/1\.1 503 .*\r\nX-Shouting: yes\r\n.*UNAVAILABLE\n/s);
});
