// The routes of passkeys.

import { Hono } from "hono";
import type { Services } from "../services.ts";
import type { AppEnv } from "../web/visit.ts";
import { passkeyAdditionRoutes } from "./addition.ts";
import { passkeyRemovalRoutes } from "./removal.ts";
import { passkeySignInRoutes } from "./sign-in.ts";
import { passkeySignUpRoutes } from "./sign-up.ts";

export function passkeyRoutes(services: Services): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .route("/", passkeySignInRoutes(services))
    .route("/", passkeySignUpRoutes(services))
    .route("/", passkeyAdditionRoutes(services))
    .route("/", passkeyRemovalRoutes(services));
}
