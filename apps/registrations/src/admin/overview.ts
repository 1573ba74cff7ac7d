// The start of the back office: how many there are of everything, and what was refused lately.

import { Hono } from "hono";
import { html } from "hono/html";
import type { Queryable } from "../database/schema.ts";
import { keyValues } from "../pages/lists.ts";
import type { Services } from "../services.ts";
import type { AppContext, AppEnv } from "../web/visit.ts";
import { type AuditRow, latestDenials } from "./audit-log.ts";
import { eventsTable } from "./audit-pages.ts";
import { backOfficePage } from "./back-office.ts";
import { type ListedSport, listSports } from "./sports.ts";
import { sportsTable } from "./sports-pages.ts";

const DENIALS = 5;

interface Overview {
  readonly people: Awaited<ReturnType<typeof countPeople>>;
  readonly sports: readonly ListedSport[];
  readonly denials: readonly AuditRow[];
}

export function overviewRoute({ database }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>().get("/", async (c) => {
    const [people, sports, denials] = await Promise.all([
      countPeople(database),
      listSports(database),
      latestDenials(database, DENIALS),
    ]);
    return overviewPage(c, { people, sports, denials });
  });
}

function overviewPage(c: AppContext, { people, sports, denials }: Overview) {
  const { t, language } = c.var;
  const registrations = sports.reduce((sum, sport) => sum + sport.registrations, 0);
  const number = (count: number) => count.toLocaleString(language);
  const content = html`${keyValues([
    [t("admin.overview.people"), number(people.all)],
    [t("admin.overview.administrators"), number(people.administrators)],
    [t("admin.overview.disabled"), number(people.disabled)],
    [t("admin.overview.registrations"), number(registrations)],
  ])}
      ${sportsTable(c, sports)}
      ${denials.length > 0 && eventsTable(c, t("admin.overview.denials"), denials)}`;
  return backOfficePage(c, { part: "overview" }, content);
}

function countPeople(on: Queryable) {
  return on
    .selectFrom("people")
    .select(({ fn }) => [
      fn.countAll<number>().as("all"),
      fn.countAll<number>().filterWhere("administrator", "=", 1).as("administrators"),
      fn.countAll<number>().filterWhere("disabledAt", "is not", null).as("disabled"),
    ])
    .executeTakeFirstOrThrow();
}
