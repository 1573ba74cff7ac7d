// Somebody whom a provider vouched for and nobody here knows: they choose a name, and the account is made together with
// their identity. Until then the verified identity waits in the session, for ten minutes, and serves once.

import { Hono } from "hono";
import type { DeepReadonly } from "vestiaire";
import { z } from "zod";
import { enter } from "../accounts/entrance.ts";
import { addPerson } from "../accounts/people.ts";
import { Name } from "../accounts/sign-up.ts";
import type { Services } from "../services.ts";
import { type FieldErrors, readForm } from "../web/forms.ts";
import { notify } from "../web/page.ts";
import type { AppContext, AppEnv, Visit } from "../web/visit.ts";
import { linkIdentity } from "./identities.ts";
import { chooseNamePage } from "./pages.ts";
import { Refusal, refused } from "./refusal.ts";

const TEN_MINUTES = 600_000;

const NewName = z.object({ name: Name });

type Newcomer = DeepReadonly<Visit["newcomer"]>;

export function newcomerRoutes(services: Services): Hono<AppEnv> {
  const { audit, clock, database, settings, throttle } = services;

  /** The newcomer with their provider; `null` when nobody waits, or has waited too long. */
  function current(newcomer: Newcomer | undefined) {
    if (newcomer === undefined || clock.now() - newcomer.verifiedAt > TEN_MINUTES) return null;
    const provider = settings.providers.find(({ name }) => name === newcomer.provider);
    return provider === undefined ? null : { newcomer, provider };
  }

  /** The account with its identity, in one step; `null` when the name is taken. */
  function addAccount(c: AppContext, { provider, name: label, ...identity }: Newcomer, name: string) {
    return database.transaction().execute(async (transaction) => {
      const now = clock.now();
      const person = await addPerson(transaction, { name, passwordHash: null, now });
      if (person === null) return null;
      if (!(await linkIdentity(transaction, identity, { personId: person.id, label, now })))
        throw new Refusal("stale", "the identity was linked in the meantime");
      const event = {
        action: "sign-up",
        result: "done",
        actor: person,
        detail: `provider:${provider}`,
      } as const;
      await audit.record(c, event, transaction);
      return person;
    });
  }

  return new Hono<AppEnv>()
    .get("/choose-name", async (c) => {
      const found = current(c.var.session.data.newcomer);
      if (c.var.person !== null || found === null) return c.redirect("/sign-up", 303);
      return chooseNamePage(c, found.provider, { name: suggestion(found.newcomer) });
    })
    .post("/choose-name", async (c) => {
      const { session, t } = c.var;
      if (c.var.person !== null) return c.redirect("/registrations", 303);
      const form = await readForm(c, NewName);
      const found = current(await session.claim("newcomer"));
      if (found === null) return c.redirect("/sign-up", 303);
      const { newcomer, provider } = found;
      const again = (name: string, errors: FieldErrors, status: 400 | 409 | 429) => {
        session.set("newcomer", newcomer);
        return chooseNamePage(c, provider, { name }, errors, status);
      };
      if (!form.valid) return again(form.given.name ?? "", form.errors, 400);
      const { name } = form.values;
      const detail = `provider:${provider.name}`;
      const seconds = await throttle.signUp(c.var.address);
      if (seconds > 0) {
        await audit.record(c, { action: "sign-up", result: "denied", detail: `${detail}: throttled` });
        c.header("Retry-After", String(seconds));
        return again(name, { name: t("signIn.wait", { minutes: Math.ceil(seconds / 60) }) }, 429);
      }
      try {
        const person = await addAccount(c, newcomer, name);
        if (person === null) {
          await audit.record(c, { action: "sign-up", result: "failed", target: name, detail });
          return again(name, { name: t("account.nameTaken") }, 409);
        }
        await enter(services, c, person, { method: `provider:${provider.name}` });
        notify(c, "done", t("signUp.done", { name: person.name }));
        return c.redirect(newcomer.next, 303);
      } catch (error) {
        return refused(services, c, provider, { purpose: "sign-up", next: newcomer.next }, error);
      }
    });
}

/** What the provider calls them, where that can be a name here. */
function suggestion({ name }: Newcomer): string {
  return Name.safeParse(name).data ?? "";
}
