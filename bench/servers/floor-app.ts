// The floor of an engine: bare Hono, one raw read of the session that Vestiaire stored there when the visitor signed in,
// and for a write one raw write after it. The secret is not looked at, and nothing is said about caching.

import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { session } from "../../packages/vestiaire/src/adapters/hono.ts";
import type { SessionStore } from "../../packages/vestiaire/src/index.ts";
import { NOBODY, nextValue, page, type Visitor } from "./serve.ts";
import { serveHono } from "./serve-hono.ts";

/** The two commands. Keys and values are JSON text, as Vestiaire stores them. */
export interface Raw {
  /** The text that one session has for one key. */
  read(id: string, key: string): Promise<string | undefined>;
  write(id: string, key: string, text: string): Promise<unknown>;
}

const NAME = '"name"';
const SEEN = '"seen"';
const ID_LENGTH = 32;

type Env = { Bindings: HttpBindings };

/** The id in `session=<id>.<secret>`, from where it costs least. */
function idOf(c: Context<Env>): string {
  const cookie = c.env.incoming.headers.cookie ?? "";
  const start = cookie.indexOf("=") + 1;
  return cookie.slice(start, start + ID_LENGTH);
}

export function serveFloor(store: SessionStore, raw: Raw): void {
  const signIn = new Hono().use(session<Visitor>({ store })).post("/", (c) => {
    const name = c.req.query("name") ?? "";
    c.var.session.signIn(name).set("name", name);
    return c.text("signed in");
  });
  const app = new Hono<Env>()
    .get("/", async (c) => {
      const name = await raw.read(idOf(c), NAME);
      return name === undefined ? c.text(NOBODY, 401) : c.html(page(JSON.parse(name)));
    })
    .get("/seen", async (c) => c.text(String(await raw.read(idOf(c), SEEN))))
    .route("/login", signIn)
    .post("/seen", async (c) => {
      const id = idOf(c);
      await raw.read(id, NAME);
      const value = nextValue();
      await raw.write(id, SEEN, String(value));
      return c.text(String(value));
    });
  serveHono(app);
}
