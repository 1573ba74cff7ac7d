// A web server whose sessions are in the store under test, and the visitors who come to it: what they see of an outage. It
// is a plain one, with nothing between the library's core and the socket. It answers 503 to a `StoreError` and to nothing
// else.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { StoreError } from "../core/errors.ts";
import { createSessions, type Sessions } from "../core/manager.ts";
import type { Session } from "../core/session.ts";
import type { SessionStore } from "../core/store.ts";
import { type Reply, Site } from "./adapter-cases-client.ts";
import { idOf, type TrialData } from "./adapter-cases-fixtures.ts";
import { recovered } from "./outage-cases-fixtures.ts";
import { someId } from "./store-cases-fixtures.ts";

/** What a page does with the session. What it answers is the page's text. */
export type Page = (session: Session<TrialData>) => unknown;

/** Milliseconds. Short, since the tests of servers that do not answer wait for it. Nobody relies on an answer within it. */
const DEADLINE = 500;

/** The web server. */
export class OutageSite {
  readonly #sessions: Sessions<TrialData>;
  readonly #server: Server;
  readonly #client: Site;
  readonly #pages = new Map<string, Page>();
  #closed: Promise<void> | null = null;

  private constructor(sessions: Sessions<TrialData>, server: Server) {
    this.#sessions = sessions;
    this.#server = server;
    this.#client = new Site(sessions, (server.address() as AddressInfo).port);
    server.on("request", (request, response) => void this.#answer(request, response));
  }

  /** One on a free port. The store is its own from now on. */
  static async over(store: SessionStore): Promise<OutageSite> {
    const sessions = createSessions<TrialData>({
      store,
      deadline: DEADLINE,
      sweep: false,
      onEvent: () => {},
    });
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new OutageSite(sessions, server);
  }

  /** Somebody without a cookie. */
  stranger(): Visitor {
    return new Visitor(this);
  }

  /** Somebody who has signed in, with a count of 1 and these values. */
  async visitor(data: Readonly<Record<string, string>> = {}): Promise<Visitor> {
    return recovered(async () => {
      const visitor = this.stranger();
      await visitor.visit((session) => {
        session.signIn(visitor.userId).set("count", 1);
        for (const [key, value] of Object.entries(data)) session.set(key, value);
      });
      return visitor;
    });
  }

  /** One request. */
  async send(page: Page, cookie: string | undefined): Promise<Reply> {
    const path = `/${crypto.randomUUID()}`;
    this.#pages.set(path, page);
    return this.#client.send({ path, cookie });
  }

  /** Closes the server, and its store. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#client.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#sessions.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers, url = "", socket } = request;
    try {
      const session = await this.#sessions.open({
        method,
        encrypted: false,
        remoteAddress: socket.remoteAddress,
        header: (name) => (name === "cookie" ? headers.cookie : undefined),
      });
      const body = String(await this.#pages.get(url)?.(session));
      const { cookie } = await this.#sessions.commit(session, 200);
      response.writeHead(200, cookie === null ? {} : { "Set-Cookie": cookie }).end(body);
    } catch (error) {
      response.writeHead(error instanceof StoreError ? 503 : 500).end(String(error));
    }
  }
}

/** A browser, and who sits in front of it. */
export class Visitor {
  /** A name that nobody else has. */
  readonly userId = `visitor-${someId()}`;
  /** The session cookie as the browser sends it; `undefined` when it has none. */
  cookie: string | undefined;
  readonly #site: OutageSite;

  constructor(site: OutageSite) {
    this.#site = site;
  }

  /** The id of the session that the cookie names. */
  get id(): string {
    return idOf(this.cookie ?? "");
  }

  /** Sees a page, and answers its text. Rejects when there is none. */
  async visit(page: Page): Promise<string> {
    const { status, body, setCookies } = await this.#site.send(page, this.cookie);
    if (status !== 200) throw new Error(`${status}: ${body}`);
    const [line] = setCookies;
    if (line !== undefined) this.cookie = line.includes("Max-Age=0") ? undefined : line.split(";", 1)[0];
    return body;
  }

  /** What the session counts, as the page of its owner shows it; `"nobody"` when nobody is signed in. */
  count(): Promise<string> {
    return this.visit(({ userId, data }) => (userId === this.userId ? data.count : (userId ?? "nobody")));
  }

  /** Checks that this request fails as a failure of the store, and that no cookie comes with it. */
  async assertRefused(page: Page): Promise<void> {
    const { status, body, setCookies } = await this.#site.send(page, this.cookie);
    assert.equal(status, 503, `answered with ${status} ${body}: ${page}`);
    assert.deepEqual(setCookies, []);
  }

  /** Checks that nothing can be read or written: not by this visitor, nor by somebody new. */
  async assertAllRefused(): Promise<void> {
    await this.assertRefused((session) => session.userId);
    await this.assertWritesRefused();
    await this.assertRefused((session) => session.signOut());
  }

  /** Checks that nothing can be written but, perhaps, an end. */
  async assertWritesRefused(): Promise<void> {
    const stranger = this.#site.stranger();
    await this.assertRefused((session) => session.set("count", "written in spite of it"));
    await this.assertRefused((session) => session.signIn(this.userId));
    await stranger.assertRefused((session) => session.signIn(stranger.userId));
    await stranger.assertRefused((session) => session.set("count", 1));
  }
}
