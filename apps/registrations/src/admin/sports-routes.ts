// The sports: add one, rename it, close it and open it again, and remove it while nobody is registered for it.

import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { Name } from "../accounts/sign-up.ts";
import type { AuditEvent } from "../audit/audit.ts";
import type { Queryable } from "../database/schema.ts";
import type { Services } from "../services.ts";
import { readForm } from "../web/forms.ts";
import { notify } from "../web/page.ts";
import type { AppContext, AppEnv } from "../web/visit.ts";
import type { Returned } from "./back-office.ts";
import {
  addSport,
  breaksRule,
  findSport,
  listSports,
  removeSport,
  renameSport,
  setClosed,
} from "./sports.ts";
import { removeSportPage, sportPage, sportsPage } from "./sports-pages.ts";

const NamedSport = z.object({ name: Name });

export function sportsRoutes({ audit, clock, database }: Services): Hono<AppEnv> {
  /** Makes a change, and writes it down. False when it would break one of the database's rules. */
  async function change(
    c: AppContext,
    event: Omit<AuditEvent, "result">,
    make: (on: Queryable) => Promise<void>,
  ): Promise<boolean> {
    try {
      await database.transaction().execute(async (transaction) => {
        await make(transaction);
        await audit.record(c, { ...event, result: "done" }, transaction);
      });
      return true;
    } catch (error) {
      if (breaksRule(error)) return false;
      throw error;
    }
  }

  /** The sport of the address; 404 when there is none. */
  async function subject(c: AppContext) {
    const sport = await findSport(database, c.req.param("id") ?? "");
    if (sport === undefined) throw new HTTPException(404);
    return sport;
  }

  const taken = (c: AppContext, name: string): Returned => ({
    given: { name },
    errors: { name: c.var.t("admin.sports.taken") },
    status: 409,
  });

  const one = new Hono<AppEnv>()
    .get("/", async (c) => sportPage(c, await subject(c)))
    .post("/rename", async (c) => {
      const sport = await subject(c);
      const form = await readForm(c, NamedSport);
      if (!form.valid) return sportPage(c, sport, { ...form, status: 400 });
      const { name } = form.values;
      const event = { action: "sport.rename", target: sport.name, detail: `${sport.id}, ${name}` } as const;
      if (!(await change(c, event, (on) => renameSport(on, sport.id, name))))
        return sportPage(c, sport, taken(c, name));
      notify(c, "done", c.var.t("admin.sports.renamed", { name }));
      return c.redirect("/admin/sports", 303);
    })
    .post("/close", async (c) => {
      const { id, name } = await subject(c);
      await change(c, { action: "sport.close", target: name, detail: id }, (on) =>
        setClosed(on, id, clock.now()),
      );
      notify(c, "done", c.var.t("admin.sports.close.done", { name }));
      return c.redirect("/admin/sports", 303);
    })
    .post("/open", async (c) => {
      const { id, name } = await subject(c);
      await change(c, { action: "sport.open", target: name, detail: id }, (on) => setClosed(on, id, null));
      notify(c, "done", c.var.t("admin.sports.open.done", { name }));
      return c.redirect("/admin/sports", 303);
    })
    .get("/remove", async (c) => removeSportPage(c, await subject(c)))
    .post("/remove", async (c) => {
      const { id, name } = await subject(c);
      const event = { action: "sport.remove", target: name, detail: id } as const;
      if (await change(c, event, (on) => removeSport(on, id)))
        notify(c, "done", c.var.t("admin.sports.removed", { name }));
      else notify(c, "failed", c.var.t("admin.sports.inUse", { name }));
      return c.redirect("/admin/sports", 303);
    });

  return new Hono<AppEnv>()
    .get("/", async (c) => sportsPage(c, await listSports(database)))
    .post("/", async (c) => {
      const form = await readForm(c, NamedSport);
      if (!form.valid) return sportsPage(c, await listSports(database), { ...form, status: 400 });
      const sport = { id: randomUUID(), name: form.values.name };
      const event = { action: "sport.add", target: sport.name, detail: sport.id } as const;
      if (!(await change(c, event, (on) => addSport(on, sport))))
        return sportsPage(c, await listSports(database), taken(c, sport.name));
      notify(c, "done", c.var.t("admin.sports.added", { name: sport.name }));
      return c.redirect("/admin/sports", 303);
    })
    .route("/:id", one);
}
