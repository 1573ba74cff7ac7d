// What the routes work with. Made once at the start (`server.ts`) and handed to every part, so that a test can make its
// own: another clock, another database, other settings.

import type { Logger } from "pino";
import type { Clock, Sessions } from "vestiaire";
import type { Passwords } from "./accounts/passwords.ts";
import type { Throttle } from "./accounts/throttle.ts";
import type { Audit } from "./audit/audit.ts";
import type { Database } from "./database/schema.ts";
import type { Metrics } from "./operations/metrics.ts";
import type { Settings } from "./settings.ts";
import type { Visit } from "./web/visit.ts";

export interface Services {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly database: Database;
  readonly sessions: Sessions<Visit>;
  readonly passwords: Passwords;
  readonly throttle: Throttle;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly log: Logger;
}
