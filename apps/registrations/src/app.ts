// The application as one Hono app: what every request goes through, in its order, and the routes of each feature.

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { session } from "vestiaire/hono";
import { accountRoutes } from "./accounts/account.ts";
import { confirmIdentityRoutes } from "./accounts/confirm-identity.ts";
import { firstAdministratorRoutes } from "./accounts/first-administrator.ts";
import { resetRoutes } from "./accounts/reset.ts";
import { signInRoutes } from "./accounts/sign-in.ts";
import { signUpRoutes } from "./accounts/sign-up.ts";
import { adminRoutes } from "./admin/routes.ts";
import { logRequests } from "./operations/requests.ts";
import { assets } from "./pages/assets.ts";
import { passkeyRoutes } from "./passkeys/routes.ts";
import { providerRoutes } from "./providers/routes.ts";
import { homeRoute, registrationRoutes } from "./registrations/routes.ts";
import type { Services } from "./services.ts";
import { knowPerson } from "./web/access.ts";
import { answerTo, errorPages, nothingThere } from "./web/errors.ts";
import { protectiveHeaders, uncached } from "./web/headers.ts";
import { knowLanguage } from "./web/language.ts";
import { languageRoute } from "./web/language-route.ts";
import { refuseNulInAddress } from "./web/nul.ts";
import { knowOrigin } from "./web/origin.ts";
import { sameOriginOnly } from "./web/same-origin.ts";
import type { AppEnv } from "./web/visit.ts";

/** More than any of our forms. */
const LARGEST_BODY = 64 * 1024;

/** The application, ready to be served. */
export function createApp(services: Services): Hono<AppEnv> {
  const { settings, log } = services;
  const app = new Hono<AppEnv>();
  app
    .use((c, next) => {
      c.set("site", settings);
      return next();
    })
    .use(logRequests(services))
    .use(protectiveHeaders(settings))
    .use(uncached)
    .use(knowLanguage)
    .use(errorPages)
    // Before whatever may refuse a request without reading it: Node.js would then read on, without a limit.
    .use(bodyLimit({ maxSize: LARGEST_BODY }))
    .route("/", assets)
    .use(knowOrigin(settings))
    .use(refuseNulInAddress)
    .use(methodNotAllowed({ app }))
    .use(sameOriginOnly(services.audit))
    .use(session(services.sessions))
    .use(knowPerson(services))
    .route("/", homeRoute(services))
    .route("/", languageRoute())
    .route("/", signUpRoutes(services))
    .route("/", signInRoutes(services))
    .route("/", confirmIdentityRoutes(services))
    .route("/", resetRoutes(services))
    .route("/", firstAdministratorRoutes(services))
    .route("/", passkeyRoutes(services))
    .route("/", providerRoutes(services))
    .route("/registrations", registrationRoutes(services))
    .route("/account", accountRoutes(services))
    .route("/admin", adminRoutes(services));
  app.onError(answerTo(log));
  app.notFound(nothingThere(services.audit));
  return app;
}
