// P13 of the security requirements, the point of it all: a person can remove only their own registration.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Application, PASSWORD, promote, startApplication } from "../support/application.ts";
import type { Browser } from "../support/browser.ts";
import { eachDatabase } from "../support/databases.ts";
import { audited, signedIn } from "../support/people.ts";
import { adaAndBob, atStake, registrationsOf } from "./registrants.ts";

/** People who are not the owner, and what each of them is told about a registration of hers. */
const strangers: Readonly<
  Record<string, { status: number; arrive: (application: Application) => Promise<Browser> }>
> = {
  "another person": { status: 404, arrive: (application) => signedIn(application, "Bob") },
  "an administrator, as a person": {
    status: 404,
    arrive: async (application) => {
      await promote(application, "Bob");
      return await signedIn(application, "Bob");
    },
  },
  "a demoted administrator": {
    status: 404,
    arrive: async (application) => {
      await promote(application, "Bob");
      const browser = await signedIn(application, "Bob");
      await browser.get("/admin/registrations");
      await application.services.database.updateTable("people").set({ administrator: 0 }).execute();
      return browser;
    },
  },
  "a disabled person": {
    status: 303,
    arrive: async (application) => {
      const browser = await signedIn(application, "Bob");
      const { database, clock } = application.services;
      await database
        .updateTable("people")
        .set({ disabledAt: clock.now() })
        .where("name", "=", "Bob")
        .execute();
      return browser;
    },
  },
  "somebody whose account is gone": {
    status: 303,
    arrive: async (application) => {
      const browser = await signedIn(application, "Bob");
      await application.services.database.deleteFrom("people").where("name", "=", "Bob").execute();
      return browser;
    },
  },
  "somebody who signed out": {
    status: 303,
    arrive: async (application) => {
      const browser = await signedIn(application, "Bob");
      const cookies = [...browser.cookies];
      await browser.post("/sign-out");
      for (const [name, value] of cookies) browser.cookies.set(name, value);
      return browser;
    },
  },
  nobody: { status: 303, arrive: async (application) => application.browser() },
};

for (const [who, { status, arrive }] of Object.entries(strangers)) {
  eachDatabase(
    `P13: ${who} can neither see nor take back somebody else's registration`,
    async ({ url }, t) => {
      const application = await startApplication(t, { DATABASE_URL: url });
      const { target } = await adaAndBob(application);
      const browser = await arrive(application);
      const before = await atStake(application);
      const earlier = (await audited(application, "access.denied", "denied")).length;
      for (const method of ["GET", "POST"] as const) {
        const headers = {
          "Sec-Fetch-Site": "same-origin",
          "Content-Type": "application/x-www-form-urlencoded",
        };
        const answer = await browser.send(method, `/registrations/${target}/take-back`, headers);
        assert.equal(answer.status, status, method);
        assert.doesNotMatch(answer.body, /Basketball|Soccer/);
        if (status === 303) assert.match(answer.headers.location ?? "", /^\/sign-in\?next=/);
      }
      assert.deepEqual(await atStake(application), before);
      const events = (await audited(application, "access.denied", "denied")).slice(earlier);
      if (status !== 404) return;
      const told = events.map(({ actorName, target }) => [actorName, target]);
      assert.deepEqual(told, Array(2).fill(["Bob", `registration ${target}`]));
    },
  );
}

test("P13: a tab from before a sign-out does nothing, nor in the name of whoever came after", async (t) => {
  const application = await startApplication(t);
  const { ada: browser, target } = await adaAndBob(application);
  const { body } = await browser.get(`/registrations/${target}/take-back`);
  const [, form = assert.fail()] = /<form method="post" action="(\/registrations\/[^"]+)"/.exec(body) ?? [];
  await browser.post("/sign-out");
  const before = await atStake(application);
  assert.match((await browser.post(form)).headers.location ?? "", /^\/sign-in/);
  assert.deepEqual(await atStake(application), before);
  await browser.post("/sign-in", { name: "Bob", password: PASSWORD });
  assert.equal((await browser.post(form)).status, 404);
  const [event] = await audited(application, "access.denied", "denied");
  assert.deepEqual([event?.actorName, event?.target], ["Bob", `registration ${target}`]);
  assert.deepEqual((await registrationsOf(application, "Ada")).length, 2);
});

test("P13: a tab from before a sign-in as somebody else, without a sign-out, does nothing", async (t) => {
  const application = await startApplication(t);
  const { ada: browser, target } = await adaAndBob(application);
  await browser.get(`/registrations/${target}/take-back`);
  await browser.post("/sign-in", { name: "Bob", password: PASSWORD });
  const before = await atStake(application);
  assert.equal((await browser.post(`/registrations/${target}/take-back`)).status, 404);
  assert.deepEqual(await atStake(application), before);
});

eachDatabase("P13: taken back twenty times at once, it is taken back once", async ({ url }, t) => {
  const application = await startApplication(t, { DATABASE_URL: url });
  const { ada, target } = await adaAndBob(application);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ada.post(`/registrations/${target}/take-back`)),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [303, ...Array(19).fill(404)]);
  const events = await audited(application, "registration.remove", "done");
  assert.deepEqual(
    events.map(({ actorName, detail }) => [actorName, detail]),
    [["Ada", target]],
  );
  assert.equal((await registrationsOf(application, "Ada")).length, 1);
});
