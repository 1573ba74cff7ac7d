// One's own account: who one is here, the ways in, the devices, and what is kept. Each part has a file of its own.

import { Hono } from "hono";
import type { Services } from "../services.ts";
import { requirePerson } from "../web/access.ts";
import type { AppEnv } from "../web/visit.ts";
import { accountPage } from "./account-page.ts";
import { deviceRoutes } from "./devices.ts";
import { accountDeletedPage, ownDataRoutes } from "./own-data.ts";
import { passwordRoutes } from "./password-change.ts";

export function accountRoutes(services: Services): Hono<AppEnv> {
  return (
    new Hono<AppEnv>()
      // For somebody who is nobody any more, and so comes before the requirement.
      .get("/deleted", accountDeletedPage)
      .use(requirePerson)
      .get("/", (c) => accountPage(services, c))
      .route("/password", passwordRoutes(services))
      .route("/devices", deviceRoutes(services))
      .route("/", ownDataRoutes(services))
  );
}
