// The adapter contract finds what it is there to find: an adapter with one deliberate mistake breaks the promise that is
// named beside it, which the same adapter keeps without the mistake.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { replyTo } from "../../src/adapters/options.ts";
import { WebRequest, webFailure, withCommit } from "../../src/adapters/web.ts";
import type { Sessions } from "../../src/core/manager.ts";
import type { SessionRequest } from "../../src/core/request.ts";
import type { Session } from "../../src/core/session.ts";
import {
  adapterContract,
  checkAdapterCase,
  type ServeScenario,
  type TrialData,
} from "../../src/testing/adapter-contract.ts";
import { fetchServer, webResponse } from "./serve.ts";

/** One exchange, as far as the adapter has come with it. */
interface Exchange {
  readonly request: Request;
  readonly asked: WebRequest;
  readonly sessions: Sessions<TrialData>;
  readonly session: Session<TrialData>;
}

/** An adapter in the parts in which it can be wrong. */
interface Parts {
  /** The request as the core is shown it. */
  ask(asked: SessionRequest, request: Request): SessionRequest;
  /** Before the handler is called. */
  begin(exchange: Exchange): void;
  /** The response as it is to leave. */
  answer(exchange: Exchange, response: Response): Promise<Response>;
  /** What becomes of a handler's error, and of a failure of the store. */
  fail(exchange: Exchange, error: unknown, response: Response | undefined): Promise<Response>;
}

const RIGHT: Parts = {
  ask: partsOf,
  begin() {},
  async answer({ asked, sessions, session }, response) {
    return asked.answer(withCommit(response, await sessions.commit(session, response.status)));
  },
  async fail({ asked, sessions, session }, error) {
    const reply = replyTo(error);
    if (reply !== null) return asked.answer(webFailure(reply));
    await sessions.commit(session, 500);
    return asked.answer(new Response("failed", { status: 500 }));
  },
};

function adapterOf(parts: Parts): ServeScenario {
  return (sessions, scenario) =>
    fetchServer(async (request) => {
      const asked = new WebRequest(request);
      const session = await sessions.open(parts.ask(asked, request));
      const exchange = { request, asked, sessions, session };
      let response: Response | undefined;
      try {
        parts.begin(exchange);
        const { method, url } = request;
        response = webResponse(await scenario(session, { method, path: new URL(url).pathname }));
        return await parts.answer(exchange, response);
      } catch (error) {
        return await parts.fail(exchange, error, response);
      }
    });
}

/** The same request, in a form that can be changed in parts. */
function partsOf(asked: SessionRequest): Required<SessionRequest> {
  return {
    method: asked.method,
    encrypted: asked.encrypted,
    remoteAddress: asked.remoteAddress,
    headSent: false,
    header: (name) => asked.header(name),
    onClose: (listener) => asked.onClose?.(listener),
  };
}

/** The request with another cookie header. */
function withCookies(asked: SessionRequest, change: (header: string) => string): SessionRequest {
  return {
    ...partsOf(asked),
    header: (name) => (name === "cookie" ? change(asked.header(name) ?? "") : asked.header(name)),
  };
}

/** A right answer, spoilt. */
function spoiling(spoil: (headers: Headers, before: Headers, request: Request) => void): Partial<Parts> {
  return {
    async answer(exchange, response) {
      const before = new Headers(response.headers);
      const answer = await RIGHT.answer(exchange, response);
      spoil(answer.headers, before, exchange.request);
      return answer;
    },
  };
}

/** What a careless adapter has for all its requests together. */
const shared = {
  cookies: null as string | null,
  setCookie: null as string | null,
  closing: new EventEmitter(),
};

interface Mutant {
  readonly mistake: string;
  readonly breaks: string;
  readonly parts: Partial<Parts>;
}

const MUTANTS: readonly Mutant[] = [
  {
    mistake: "commits after the head has left",
    breaks: "the head waits for a sign-out",
    parts: {
      async answer({ sessions, session }, response) {
        void (async () => sessions.commit(session, response.status))().catch(() => {});
        return response;
      },
    },
  },
  {
    mistake: "forgets Vary",
    breaks: "R3 a page that used the session",
    parts: spoiling((headers) => headers.delete("Vary")),
  },
  {
    mistake: "puts its Vary in place of the handler's",
    breaks: "R3 the handler's own Vary",
    parts: spoiling((headers) => headers.set("Vary", "Cookie")),
  },
  {
    mistake: "varies whether or not the session was used",
    breaks: "R3 a page that did not use it",
    parts: spoiling((headers) => headers.set("Vary", "Cookie")),
  },
  {
    mistake: "lets caches keep a response with the cookie",
    breaks: "R3 a response that sets the cookie",
    parts: spoiling((headers, before) => {
      if (!before.has("Cache-Control")) headers.delete("Cache-Control");
    }),
  },
  {
    mistake: "takes the handler's own cookies away",
    breaks: "the handler's own cookies",
    parts: spoiling((headers) => {
      const last = headers.getSetCookie().at(-1);
      if (last !== undefined) headers.set("Set-Cookie", last);
    }),
  },
  {
    mistake: "sends the cookie back with every answer",
    breaks: "T9 a write in flight",
    parts: spoiling((headers, _before, request) => {
      const cookie = request.headers.get("cookie");
      if (cookie !== null && !headers.has("Set-Cookie")) headers.append("Set-Cookie", cookie);
    }),
  },
  {
    mistake: "tells the token in another header",
    breaks: "C3 the token",
    parts: spoiling((headers) => {
      const [cookie] = headers.getSetCookie();
      if (cookie !== undefined) headers.set("X-Session", cookie);
    }),
  },
  {
    mistake: "commits on HEAD",
    breaks: "HEAD commits nothing",
    parts: { ask: (asked) => ({ ...partsOf(asked), method: "GET" }) },
  },
  {
    mistake: "answers 200 when the store failed",
    breaks: "T18 a store that fails only when it is to write",
    parts: { fail: async (...[, , response]) => response ?? new Response("sorry") },
  },
  {
    mistake: "keeps the handler's headers in a failure",
    breaks: "T18 with the store down, whatever uses the session",
    parts: {
      async fail(exchange, error, response) {
        const failure = await RIGHT.fail(exchange, error, response);
        for (const [name, value] of response?.headers ?? []) failure.headers.append(name, value);
        return failure;
      },
    },
  },
  {
    mistake: "needs the store for every page",
    breaks: "T18 with the store down, a 404",
    parts: { begin: ({ session }) => void session.id },
  },
  {
    mistake: "commits what a failed handler did",
    breaks: "a status of 500",
    parts: {
      async answer({ sessions, session }, response) {
        return withCommit(response, await sessions.commit(session, 200));
      },
    },
  },
  {
    mistake: "commits nothing when the handler throws",
    breaks: "a handler that throws",
    parts: {
      async fail(_exchange, error) {
        const reply = replyTo(error);
        return reply === null ? new Response("failed", { status: 500 }) : webFailure(reply);
      },
    },
  },
  {
    mistake: "does not commit for a client that went away",
    breaks: "nor does one that went away before",
    parts: {
      answer: async (exchange, response) =>
        exchange.request.signal.aborted ? response : RIGHT.answer(exchange, response),
    },
  },
  {
    mistake: "never tells that an exchange is over",
    breaks: "a session whose answers are over",
    parts: { ask: (asked) => ({ ...partsOf(asked), onClose() {} }) },
  },
  {
    mistake: "takes everybody for the first who came with a cookie",
    breaks: "requests of several visitors",
    parts: {
      ask: (asked) =>
        withCookies(asked, (header) => {
          if (header === "") return "";
          shared.cookies ??= header;
          return shared.cookies;
        }),
    },
  },
  {
    mistake: "lets a response have the cookie of the one before",
    breaks: "of many requests one after another",
    parts: spoiling((headers) => {
      if (shared.setCookie !== null) headers.append("Set-Cookie", shared.setCookie);
      shared.setCookie = headers.getSetCookie()[0] ?? null;
    }),
  },
  {
    mistake: "leaves a listener behind with each request",
    breaks: "of many requests one after another",
    parts: {
      ask: (asked) => ({
        ...partsOf(asked),
        onClose(listener) {
          shared.closing.once("close", listener);
          asked.onClose?.(listener);
        },
      }),
    },
  },
  {
    mistake: "takes the token from the URL too",
    breaks: "T15",
    parts: {
      ask: (asked, { url }) => withCookies(asked, (header) => header || new URL(url).search.slice(1)),
    },
  },
  {
    mistake: "takes the first of two cookies",
    breaks: "C6 of two cookies",
    parts: { ask: (asked) => withCookies(asked, (header) => header.split(";", 1)[0] ?? "") },
  },
  {
    mistake: "reads names without regard to case",
    breaks: "C7",
    parts: { ask: (asked) => withCookies(asked, (header) => header.replaceAll(/session/gi, "session")) },
  },
  {
    mistake: "believes a forwarding header from anybody",
    breaks: "C9",
    parts: {
      ask: (asked) => ({ ...partsOf(asked), encrypted: asked.header("x-forwarded-proto") === "https" }),
    },
  },
];

for (const { mistake, breaks, parts } of MUTANTS) {
  test(`an adapter that ${mistake} is found`, async () => {
    const [promise, ...others] = adapterContract.filter(({ name }) => name.startsWith(breaks));
    assert.ok(promise !== undefined && others.length === 0, `which promise is "${breaks}"?`);
    const check = (tried: Parts) => checkAdapterCase(promise, adapterOf(tried), { knowsPeer: false });
    await check(RIGHT);
    await assert.rejects(check({ ...RIGHT, ...parts }), assert.AssertionError);
  });
}
