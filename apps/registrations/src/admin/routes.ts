// The back office. All of it is for administrators who signed in a few minutes ago; the guards stand before every route,
// so that no page can lack them.

import { Hono } from "hono";
import type { Services } from "../services.ts";
import { requireAdministrator, requirePerson, requireRecentSignIn } from "../web/access.ts";
import type { AppEnv } from "../web/visit.ts";
import { auditRoutes } from "./audit-routes.ts";
import { overviewRoute } from "./overview.ts";
import { peopleRoutes } from "./people-routes.ts";
import { registrationsRoutes } from "./registrations-routes.ts";
import { sessionsRoutes } from "./sessions-routes.ts";
import { sportsRoutes } from "./sports-routes.ts";

export function adminRoutes(services: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .use(requirePerson)
    .use(requireAdministrator(services))
    .use(requireRecentSignIn(services))
    .route("/", overviewRoute(services))
    .route("/people", peopleRoutes(services))
    .route("/registrations", registrationsRoutes(services))
    .route("/sessions", sessionsRoutes(services))
    .route("/sports", sportsRoutes(services))
    .route("/audit", auditRoutes(services));
}
