// How far the audit log in the database can grow: strangers cannot fill it, and what is old goes by itself.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { readSettings, SettingsError } from "../../src/settings.ts";
import { auditOf } from "../security/probes.ts";
import { type Application, signedUp, startApplication } from "../support/application.ts";
import { eachDatabase } from "../support/databases.ts";
import { audited } from "../support/people.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test("a stranger's refusals fill the log, and the database only so far", async (t) => {
  const application = await startApplication(t, { TRUSTED_PROXIES: "127.0.0.1,::1" });
  const refuse = async (address: string, count: number) => {
    const browser = application.browser({ "X-Forwarded-For": address });
    for (let time = 0; time < count; time++)
      assert.equal((await browser.send("POST", "/anything", { "Sec-Fetch-Site": "cross-site" })).status, 403);
  };
  const kept = async (address: string) =>
    (await auditOf(application)).filter((event) => event.address === address);
  await refuse("192.0.2.1", 120);
  const events = await kept("192.0.2.1");
  assert.equal(events.length, 100);
  const notes = events.flatMap(({ detail }) => detail ?? []);
  assert.deepEqual(notes, ["more from this address within the hour are in the log only"]);
  const logged = application.logged.filter((line) => line.includes('"action":"request.cross-site"'));
  assert.equal(logged.length, 120);
  const figures = await (await fetch(`${application.metricsUrl}/metrics`)).text();
  assert.match(figures, /^audit_events_total\{action="request.cross-site",result="denied"\} 120$/m);

  await refuse("192.0.2.2", 1);
  assert.equal((await kept("192.0.2.2")).length, 1, "others are not concerned");
  application.clock.advance(HOUR);
  await refuse("192.0.2.1", 1);
  assert.equal((await kept("192.0.2.1")).length, 101, "and an hour later there is room again");
});

test("what people who are signed in may not do is always kept, whatever strangers did before", async (t) => {
  const application = await startApplication(t);
  for (let time = 0; time < 110; time++)
    await application.browser().send("POST", "/anything", { "Sec-Fetch-Site": "cross-site" });
  const ada = await signedUp(application, "Ada");
  assert.equal((await ada.get("/admin")).status, 403);
  assert.equal((await audited(application, "sign-up", "done")).length, 1);
  assert.equal((await audited(application, "access.denied", "denied")).length, 1);
});

/** Puts events into the database that happened so many milliseconds ago. */
async function remember({ clock, services }: Application, ages: readonly number[]): Promise<void> {
  const event = { action: "sign-in", result: "failed", actorId: null, actorName: null } as const;
  for (let start = 0; start < ages.length; start += 500) {
    const rows = ages.slice(start, start + 500).map((age) => ({
      ...event,
      id: randomUUID(),
      at: clock.now() - age,
      address: null,
      target: null,
      detail: null,
    }));
    await services.database.insertInto("audit").values(rows).execute();
  }
}

eachDatabase(
  "the audit log is kept for as long as it is set, and then goes by itself",
  async ({ url }, t) => {
    const application = await startApplication(t, { DATABASE_URL: url, AUDIT_RETENTION: "30d" });
    // More than are removed at a time.
    await remember(application, Array<number>(2_500).fill(31 * DAY));
    await remember(application, [0, DAY]);
    let events = await auditOf(application);
    const young = events.slice(-2);
    for (let hour = 0; hour < 600 && events.length > 2; hour++) {
      application.clock.advance(HOUR);
      events = await auditOf(application);
    }
    assert.deepEqual(events, young);
  },
);

eachDatabase("kept for ever, nothing of the audit log goes", async ({ url, database }, t) => {
  const application = await startApplication(t, { DATABASE_URL: url, AUDIT_RETENTION: "forever" });
  await remember(application, [0, 4_000 * DAY]);
  application.clock.advance(DAY);
  // Whatever was under way is then done.
  await application.close();
  assert.equal((await database.selectFrom("audit").selectAll().execute()).length, 2);
});

test("for how long must be said in words that are understood", () => {
  assert.equal(readSettings({}).AUDIT_RETENTION, 400 * DAY);
  assert.equal(readSettings({ AUDIT_RETENTION: "forever" }).AUDIT_RETENTION, null);
  for (const value of ["0d", "400", "never", "-1d"])
    assert.throws(
      () => readSettings({ AUDIT_RETENTION: value }),
      (error) =>
        error instanceof SettingsError && /AUDIT_RETENTION must be "forever" or a number/.test(error.message),
    );
});
