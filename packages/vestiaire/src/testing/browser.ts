// A browser and its requests, without a server: opens and commits sessions as an adapter would, and keeps the cookie
// as a browser would. For what must hold whatever the adapter.

import type { Sessions } from "../core/manager.ts";
import type { Session } from "../core/session.ts";

/** The data that the visitors of the suites have. */
export interface Visitor {
  name: string;
  count: number;
  cart: string[];
  note: string;
}

export interface Answer {
  readonly cookie: string | null;
  readonly used: boolean;
}

/** One request between its look-up and its commit. */
export interface Visit {
  readonly session: Session<Visitor>;
  /** Commits, and lets the browser take the cookie. */
  end(status?: number): Promise<Answer>;
}

export class Browser {
  readonly #sessions: Sessions<Visitor>;
  /** The session cookie as `name=value`; `null` when there is none. */
  cookie: string | null = null;
  headers: Record<string, string> = {};
  encrypted = false;

  constructor(sessions: Sessions<Visitor>) {
    this.#sessions = sessions;
  }

  async start(method = "GET"): Promise<Visit> {
    const { cookie, headers, encrypted } = this;
    const session = await this.#sessions.open({
      method,
      encrypted,
      remoteAddress: "127.0.0.1",
      header: (name) => (name === "cookie" ? cookie : (headers[name] ?? null)),
    });
    return {
      session,
      end: async (status = 200) => {
        const answer = await this.#sessions.commit(session, status);
        if (answer.cookie !== null) this.#take(answer.cookie);
        return answer;
      },
    };
  }

  /** A whole request. */
  async visit(
    handler: (session: Session<Visitor>) => unknown = () => {},
    { method = "GET", status = 200 } = {},
  ): Promise<Answer> {
    const visit = await this.start(method);
    await handler(visit.session);
    return visit.end(status);
  }

  async read(): Promise<Session<Visitor>["data"]> {
    const { session } = await this.start();
    return session.data;
  }

  #take(setCookie: string): void {
    const [pair = "", ...attributes] = setCookie.split("; ");
    this.cookie = attributes.includes("Max-Age=0") ? null : pair;
  }
}
