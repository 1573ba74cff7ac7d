// Every error that the application can answer, provoked for real: what has to be broken or sent for it, so that the tests
// can look at the page.

import { renameSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import { type Application, PASSWORD } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";

const FORM = { "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin" };

type Provoke = (browser: Browser, application: Application) => Promise<Answer>;

/** How each error is provoked, by its status and what is wrong. Those that break the application come last. */
export const failures: Readonly<Record<string, Provoke>> = {
  "400, an empty form": (browser) => browser.post("/sign-in"),
  "400, NUL in a form": (browser) => browser.post("/sign-in", { name: "A\0da", password: "x" }),
  "400, NUL in an address": (browser) => browser.get("/registrations/%00/take-back"),
  "403, from elsewhere": (browser) => browser.post("/sign-in", {}, { "Sec-Fetch-Site": "cross-site" }),
  "404, no such page": (browser) => browser.get("/nothing?x=<script>alert(1)</script>"),
  "404, no such asset": (browser) => browser.get("/assets/0000000000000000/style.css"),
  "404, an address that cannot be decoded": (browser) => browser.get("/%ff%zz/%"),
  "405, another method": (browser) => browser.send("DELETE", "/sign-in", { "Sec-Fetch-Site": "same-origin" }),
  "413, said beforehand": (browser) => browser.send("POST", "/sign-in", FORM, "x".repeat(65_537)),
  "413, not said beforehand": (browser) =>
    browser.send("POST", "/sign-in", { ...FORM, "Transfer-Encoding": "chunked" }, "x".repeat(65_537)),
  "413, too many fields": (browser) => browser.send("POST", "/sign-in", FORM, "a&".repeat(100_000)),
  "415, multipart": (browser) =>
    browser.send("POST", "/sign-in", { ...FORM, "Content-Type": "multipart/form-data; boundary=x" }, "--x--"),
  "415, plain text": (browser) =>
    browser.send("POST", "/sign-in", { ...FORM, "Content-Type": "text/plain" }, "name=Ada"),
  "415, nothing said": (browser) =>
    browser.send("POST", "/sign-in", { ...FORM, "Content-Type": "" }, "name=Ada"),
  "421, another host": (browser) => browser.get("/", { Host: "evil.example" }),
  "429, too many guesses": async (browser) => {
    let answer = await browser.post("/sign-in", { name: "Nobody", password: "wrong" });
    while (answer.status === 400)
      answer = await browser.post("/sign-in", { name: "Nobody", password: "wrong" });
    return answer;
  },
  "503, the database is locked": async (browser, { services: { settings } }) => {
    const other = new DatabaseSync(settings.DATABASE_URL.slice("sqlite:".length));
    other.exec("begin immediate");
    const answer = await browser.post("/sign-in", { name: "Ada", password: "wrong" });
    other.close();
    return answer;
  },
  "500, a broken query": async (browser, { services }) => {
    await sql`alter table sports rename to gone`.execute(services.database);
    return await browser.get("/");
  },
  "503, the sessions are away": async (browser, { services: { settings } }) => {
    // Whoever has no session needs no store.
    await browser.post("/sign-up", { name: "Eve", password: PASSWORD });
    const folder = settings.SESSION_STORE.slice("file:".length);
    renameSync(folder, `${folder}.away`);
    writeFileSync(folder, "");
    return await browser.get("/sign-in");
  },
};
