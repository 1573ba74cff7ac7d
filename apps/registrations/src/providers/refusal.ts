// Why a provider's answer lets nobody in: one error for all who look at it, and one place that writes it down and tells
// people.

import type { Services } from "../services.ts";
import type { ProviderSettings } from "../settings-providers.ts";
import type { AppContext, Visit } from "../web/visit.ts";
import { refusedPage } from "./pages.ts";

/** Each has a text for people: `provider.refused.<reason>`. */
export type RefusalReason =
  | "unavailable"
  | "cancelled"
  | "unverified"
  | "notAnew"
  | "stale"
  | "taken"
  | "other";

/** Nobody is let in, nothing is changed. The message is for the audit log. */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.name = "Refusal";
    this.reason = reason;
  }
}

/** What somebody wanted of a provider, and where they wanted to go. */
export type Wish = Pick<Visit["providerRequest"], "purpose" | "next">;

/** What each purpose is in the audit log. */
export const ACTIONS = {
  "sign-in": "sign-in",
  "sign-up": "sign-up",
  confirm: "identity.confirm",
  link: "provider.link",
} as const;

/** Answers a {@link Refusal} with a page, and an event. Throws whatever else `error` is. */
export async function refused(
  { audit }: Services,
  c: AppContext,
  provider: ProviderSettings,
  { purpose, next }: Wish,
  error: unknown,
) {
  if (!(error instanceof Refusal)) throw error;
  const event = { action: ACTIONS[purpose], result: "failed", target: provider.name } as const;
  await audit.record(c, { ...event, detail: `${error.reason}: ${error.message}` });
  return refusedPage(c, provider, error.reason, wayBack({ purpose, next }));
}

/** Where to try again. */
function wayBack({ purpose, next }: Wish): string {
  if (purpose === "link") return "/account";
  const path = purpose === "confirm" ? "/confirm-identity" : `/${purpose}`;
  return `${path}?next=${encodeURIComponent(next)}`;
}
