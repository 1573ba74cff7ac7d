// What browsers are told about every answer, error pages included: nothing is loaded from elsewhere, nothing runs inline,
// nobody frames us, nothing of a person's stays in a cache.

import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import type { Settings } from "../settings.ts";

/** The security headers. `Strict-Transport-Security` only where browsers reach us over HTTPS. */
export function protectiveHeaders({ ORIGIN }: Settings) {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
    // Not "no-referrer": browsers would then send `Origin: null` with our own forms.
    referrerPolicy: "same-origin",
    strictTransportSecurity: ORIGIN?.protocol === "https:" ? "max-age=31536000; includeSubDomains" : false,
    crossOriginOpenerPolicy: "same-origin",
    crossOriginResourcePolicy: "same-origin",
    xFrameOptions: "DENY",
    permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [], usb: [] },
  });
}

/** Keeps pages out of every cache, unless the handler said otherwise. */
export const uncached = createMiddleware(async (c, next) => {
  await next();
  if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
});
