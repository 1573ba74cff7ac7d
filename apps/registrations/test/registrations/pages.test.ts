// The start page and the page of one's own registrations: they lead on, and promise what is true.

import assert from "node:assert/strict";
import { test } from "node:test";
import { administrator } from "../admin/administrator.ts";
import { unescaped } from "../security/probes.ts";
import { registrationsOf } from "../security/registrants.ts";
import { PASSWORD, signedUp, startApplication } from "../support/application.ts";
import type { Answer } from "../support/browser.ts";

/** Where the link of this text leads. */
const hrefOf = ({ body }: Answer, text: string) =>
  unescaped(new RegExp(`href="([^"]*)">${text}<`).exec(body)?.[1] ?? "");

test("a sport of the start page leads to its registration, by the sign-up or the sign-in", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const ticked = /value="soccer" checked/;
  assert.match((await ada.get(hrefOf(await ada.get("/"), "Soccer"))).body, ticked);
  const grace = application.browser();
  const signUp = await grace.get(hrefOf(await grace.get("/"), "Soccer"));
  const next = unescaped(
    /action="\/sign-up"><input type="hidden" name="next" value="([^"]*)"/.exec(signUp.body)?.[1] ?? "",
  );
  const arrived = await grace.post("/sign-up", { name: "Grace", password: PASSWORD, next });
  assert.match((await grace.follow(arrived)).body, ticked);
  const back = application.browser();
  const signIn = await back.get(hrefOf(signUp, "You have an account already\\? Sign in"));
  assert.match(signIn.body, /name="next" value="\/registrations\?sport=soccer"/);
  assert.match(hrefOf(signIn, "No account yet\\? Create one"), /next=%2Fregistrations%3Fsport%3Dsoccer$/);
});

test("with every sport closed, the start page and one's own say so instead of showing an empty list", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  await application.services.database.updateTable("sports").set({ closedAt: 1 }).execute();
  for (const path of ["/", "/registrations"]) {
    const { body } = await ada.get(path);
    assert.match(body, /No sport is open for registration at the moment/, path);
    assert.doesNotMatch(body, /Open for registration<|<ul[^>]*>\s*<\/ul>|every sport/, path);
  }
});

test("who has no registration is asked for a first one, and then for more", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  assert.match((await ada.get("/registrations")).body, /<h2 id="add">Register for a sport</);
  await ada.post("/registrations", { sport: ["soccer", "basketball", "ultimate-frisbee"] });
  const { body } = await ada.get("/registrations");
  assert.match(body, /<h2 id="add">Register for more<.*No other sport is open/s);
});

test("pages say that administrators see and take back registrations, too", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  for (const [language, promise] of [
    ["en", /[Oo]nly you and the administrators /g],
    ["fr", /[Ss]euls vous et l’administration /g],
  ] as const) {
    const headers = { "Accept-Language": language };
    for (const [browser, path, times] of [
      [application.browser(), "/", 2],
      [application.browser(), "/sign-up", 2],
      [ada, "/registrations", 2],
    ] as const) {
      const { body } = await browser.get(path, headers);
      assert.equal(body.match(promise)?.length, times, `${language} ${path}`);
      assert.doesNotMatch(body, /nobody else|Nobody else|Personne d’autre|vous seul/, `${language} ${path}`);
    }
  }
});

test("the number on a ticket is in the back office, and finds it there", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  await grace.post("/registrations", { sport: ["soccer", "basketball"] });
  const [id = assert.fail()] = await registrationsOf(application, "Grace");
  const number = id.slice(0, 4).toUpperCase();
  assert.ok((await grace.get("/registrations")).body.includes(`<strong>${number}</strong>`));
  for (const name of [number, number.toLowerCase()]) {
    const { body } = await ada.get(`/admin/registrations?${new URLSearchParams({ name })}`);
    assert.match(body, new RegExp(`<div>${number}</div>`), name);
    assert.ok(body.includes(`/admin/registrations/${id}/remove`), name);
  }
  assert.equal(
    (await ada.get("/admin/registrations?name=%25%25%25%25")).body.match(/<div>[0-9A-F]{4}</g),
    null,
  );
});

test("every time of a page names its zone, and is there for machines", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await ada.post("/registrations", { sport: "soccer" });
  const zone = /\d\d:\d\d ([A-Z]{2,5}|(GMT|UTC)[+−-][\d:]+)/;
  for (const path of ["/registrations", "/account", "/admin/people", "/admin/audit", "/admin/sessions"]) {
    const { body } = await ada.get(path);
    const times = [...body.matchAll(/<time datetime="([^"]*)">(.*?)<\/time>/gs)];
    assert.ok(times.length > 0, path);
    for (const [, datetime = "", text = ""] of times) {
      assert.equal(new Date(datetime).toISOString(), datetime, path);
      assert.match(text, zone, path);
    }
  }
});
