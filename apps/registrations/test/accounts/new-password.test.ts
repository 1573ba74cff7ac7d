// Each form that takes a new password, once too many have come from one address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { firstAdministratorLink } from "../../src/accounts/first-administrator.ts";
import { createLink } from "../../src/accounts/one-time-links.ts";
import type { AuditAction } from "../../src/audit/audit.ts";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import type { Answer } from "../support/browser.ts";
import { audited, idOf } from "../support/people.ts";

/** Sends the form with this password. */
type Send = (newPassword: string) => Promise<Answer>;

/** Each place where people choose a password, by what the audit log calls it. */
const places: readonly (readonly [AuditAction, (application: Application) => Promise<Send>])[] = [
  [
    "sign-up",
    async (application) => (password) => application.browser().post("/sign-up", { name: "Grace", password }),
  ],
  [
    "password.change",
    async (application) => {
      const ada = await signedUp(application, "Ada");
      return (newPassword) => ada.post("/account/password", { currentPassword: PASSWORD, newPassword });
    },
  ],
  [
    "password.reset",
    async (application) => {
      const { clock, database } = application.services;
      await signedUp(application, "Ada");
      const about = { purpose: "reset", personId: await idOf(application, "Ada") } as const;
      const path = `/reset/${await createLink(database, about, clock.now())}`;
      return (newPassword) => application.browser().post(path, { newPassword });
    },
  ],
  [
    "administrator.first",
    async (application) => {
      const link = (await firstAdministratorLink(application.services, application.url)) ?? assert.fail();
      const path = new URL(link).pathname;
      return (newPassword) => application.browser().post(path, { name: "Grace", newPassword });
    },
  ],
];

for (const [action, prepare] of places) {
  test(`P4: at ${action}, an address has so many new passwords judged, and then none is looked at`, async (t) => {
    const application = await startApplication(t);
    const send = await prepare(application);
    assert.equal((await send("passwordpassword")).status, 400);
    const { throttle } = application.services;
    while ((await throttle.newPassword("127.0.0.1")) === 0);
    for (const password of ["passwordpassword", "a lantern over eleven wet stairs"]) {
      const answer = await send(password);
      assert.equal(answer.status, 429);
      assert.ok(Number(answer.headers["retry-after"]) > 0);
      assert.match(answer.body, /Too many attempts\. Please try again in 15 minutes\./);
    }
    assert.equal((await audited(application, action, "denied")).length, 2);
  });
}
