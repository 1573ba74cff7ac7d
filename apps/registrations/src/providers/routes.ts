// Signing up and in with OpenID Connect providers, and linking them to an account.

import { Hono } from "hono";
import type { Services } from "../services.ts";
import type { AppEnv } from "../web/visit.ts";
import { authorizationRoutes } from "./authorization.ts";
import { newcomerRoutes } from "./newcomer.ts";
import { unlinkRoutes } from "./unlink.ts";

export function providerRoutes(services: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .route("/providers", newcomerRoutes(services))
    .route("/providers", unlinkRoutes(services))
    .route("/providers", authorizationRoutes(services));
}
