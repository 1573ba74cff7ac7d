// Hono with better-auth on SQLite. It is a whole authentication framework; measured are its session look-up and its
// change of one field of the session.

import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { Hono } from "hono";
import { folder, NOBODY, nextValue, page } from "./serve.ts";
import { serveHono } from "./serve-hono.ts";

const database = new DatabaseSync(`${folder}/auth.db`);
database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");

const options = {
  secret: "bench".repeat(8),
  baseURL: "http://127.0.0.1",
  database,
  // Passwords are not what is measured.
  emailAndPassword: {
    enabled: true,
    password: { hash: async (text: string) => text, verify: async () => true },
  },
  session: { additionalFields: { seen: { type: "number", required: false } } },
} as const;

await (await getMigrations(options)).runMigrations();
const auth = betterAuth(options);

const app = new Hono()
  .get("/", async (c) => {
    const found = await auth.api.getSession({ headers: c.req.raw.headers });
    return found ? c.html(page(found.user.name)) : c.text(NOBODY, 401);
  })
  .get("/seen", async (c) => {
    const found = await auth.api.getSession({ headers: c.req.raw.headers });
    return c.text(String(found?.session.seen));
  })
  .post("/login", (c) => {
    const name = c.req.query("name") ?? "";
    const body = { name, email: `${name.replace(" ", "-")}@example.com`, password: "not so secret" };
    return auth.api.signUpEmail({ body, asResponse: true });
  })
  .post("/seen", async (c) => {
    const value = nextValue();
    const { headers } = await auth.api.updateSession({
      headers: c.req.raw.headers,
      body: { seen: value },
      returnHeaders: true,
    });
    for (const cookie of headers.getSetCookie()) c.header("Set-Cookie", cookie, { append: true });
    return c.text(String(value));
  });

serveHono(app);
