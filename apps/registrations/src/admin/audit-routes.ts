// The audit log, for administrators to read. Nothing changes it.

import { Hono } from "hono";
import { z } from "zod";
import { auditActions } from "../audit/audit.ts";
import type { Services } from "../services.ts";
import type { AppEnv } from "../web/visit.ts";
import { listEvents } from "./audit-log.ts";
import { auditPage, results } from "./audit-pages.ts";
import { readPlace, SearchText } from "./listing.ts";

const Filter = z.object({
  action: z.enum(auditActions).nullable().catch(null),
  name: SearchText,
  result: z.enum(results).nullable().catch(null),
});

export function auditRoutes({ database }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>().get("/", async (c) => {
    const filter = Filter.parse(c.req.query());
    return auditPage(c, await listEvents(database, filter, readPlace(c, z.int())), filter);
  });
}
