// The application on two machines, as far as one machine can show it: two processes that share nothing but a PostgreSQL
// database and a session store, behind one nginx. Either can be killed and started again.

import type { TestContext } from "node:test";
import { unlessInstalled as noMemcached } from "../../../../packages/vestiaire/test/services/memcached.ts";
import { noMysql } from "../../../../packages/vestiaire/test/services/mysql.ts";
import { noPostgres, sql } from "../../../../packages/vestiaire/test/services/postgres.ts";
import { noRedis } from "../../../../packages/vestiaire/test/services/redis.ts";
import { Browser } from "../support/browser.ts";
import { freePorts, skipWithoutNginx, startNginx } from "./nginx.ts";
import { folderFor, type Serving, serve, settingsIn } from "./process.ts";
import { type Engine, freshDatabase, freshSessions } from "./servers.ts";

const VISITOR = "127.0.0.2";

/** Why there can be no two machines here; `false` when there can. */
export const skipWithoutServers = skipWithoutNginx || (await noPostgres());

/** The same of sessions in this engine. */
export async function skipWithout(engine: Engine): Promise<string | false> {
  if (engine === "redis") return noRedis();
  if (engine === "mysql") return noMysql();
  return engine === "memcached" ? noMemcached() : false;
}

export class Machine {
  readonly #t: TestContext;
  readonly #settings: Readonly<Record<string, string>>;
  #process: Serving;

  private constructor(t: TestContext, settings: Readonly<Record<string, string>>, process: Serving) {
    this.#t = t;
    this.#settings = settings;
    this.#process = process;
  }

  static async start(t: TestContext, settings: Readonly<Record<string, string>>): Promise<Machine> {
    return new Machine(t, settings, await serve(t, settings));
  }

  get url(): string {
    return this.#process.url;
  }

  /** The path of the link that it printed for the first administrator. */
  get firstLink(): string {
    const line = this.#process.said.find((said) => said.includes("administrator")) ?? "";
    return /\/first-administrator\/\S+$/.exec(line)?.[0] ?? "";
  }

  /** How many requests it has answered since it was started. */
  get answered(): number {
    return this.#process.logged.filter((line) => line.includes('"msg":"request"')).length;
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  async restart(): Promise<void> {
    this.#process = await serve(this.#t, this.#settings);
  }
}

export class Machines {
  readonly both: readonly [Machine, Machine];
  readonly #origin: string;
  readonly #ca: Buffer;
  readonly #database: string;

  private constructor(
    both: readonly [Machine, Machine],
    { origin, ca, database }: { origin: string; ca: Buffer; database: string },
  ) {
    this.both = both;
    this.#origin = origin;
    this.#ca = ca;
    this.#database = database;
  }

  /** Starts both at once, with a database and a session store of their own. They go with the test. */
  static async start(t: TestContext, engine: Engine): Promise<Machines> {
    const database = await freshDatabase(t);
    const [http = 0, https = 0, ...ports] = await freePorts(4);
    const origin = `https://localhost:${https}`;
    const settings = {
      ...settingsIn(folderFor(t)),
      ORIGIN: origin,
      TRUSTED_PROXIES: "127.0.0.1",
      SIGN_UPS_PER_HOUR: "1000",
      DATABASE_URL: database,
      ...(await freshSessions(t, engine)),
    };
    const [one, other] = await Promise.all(
      ports.map((port) => Machine.start(t, { ...settings, PORT: String(port) })),
    );
    if (one === undefined || other === undefined) throw new Error("unreachable");
    const ca = startNginx(t, { http, https, applications: ports });
    return new Machines([one, other], { origin, ca, database });
  }

  /** A browser that has not been here before, and comes through nginx. */
  visitor(): Browser {
    const options = { ca: this.#ca, localAddress: VISITOR, family: 4, servername: "localhost" };
    return new Browser(this.#origin, {}, options);
  }

  /** A browser whose requests nginx leads to this machine; with the cookies that another one has now. */
  at({ url }: Machine, other?: Browser): Browser {
    const asNginx = {
      Host: new URL(this.#origin).host,
      "X-Forwarded-For": VISITOR,
      "X-Forwarded-Proto": "https",
    };
    const browser = new Browser(url, asNginx, { family: 4 });
    for (const [name, value] of other?.cookies ?? []) browser.cookies.set(name, value);
    return browser;
  }

  /** Rows of the database that both share. */
  rows(statement: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return sql(this.#database, statement, [...values]);
  }
}
