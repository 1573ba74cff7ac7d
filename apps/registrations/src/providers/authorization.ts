// To a provider and back. What was asked waits in the session, is claimed by the first answer, and must fit it: the same
// browser, the same person, the same provider, within ten minutes. A second request in another tab replaces the first.

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { DeepReadonly } from "vestiaire";
import { z } from "zod";
import { enter } from "../accounts/entrance.ts";
import { isStillIn } from "../accounts/people.ts";
import type { Services } from "../services.ts";
import { requirePerson, requireRecentSignIn } from "../web/access.ts";
import { readForm } from "../web/forms.ts";
import { safePath } from "../web/navigation.ts";
import { notify } from "../web/page.ts";
import { type AppContext, type AppEnv, signedIn, type Visit } from "../web/visit.ts";
import { ProviderClient, type VerifiedIdentity } from "./client.ts";
import { findOwner, linkIdentity, noteUse } from "./identities.ts";
import { leavingPage } from "./pages.ts";
import { ACTIONS, Refusal, refused, type Wish } from "./refusal.ts";

const TEN_MINUTES = 600_000;
/** How far a provider's clock may be from ours. */
const CLOCKS_DIFFER = 60_000;

const Way = z.object({ purpose: z.enum(["sign-in", "sign-up", "confirm"]), next: z.string().optional() });

type ProviderRequest = DeepReadonly<Visit["providerRequest"]>;

/** An answer that was verified, and what it answers. */
interface Answer {
  readonly client: ProviderClient;
  readonly request: ProviderRequest;
  readonly identity: VerifiedIdentity;
}

export function authorizationRoutes(services: Services): Hono<AppEnv> {
  const { audit, clock, database, settings, throttle } = services;
  const clients = new Map(
    settings.providers.map((provider) => [provider.name, new ProviderClient(provider)]),
  );

  /** The provider of the address; 404 for one that we do not have. */
  function clientOf(c: AppContext): ProviderClient {
    const client = clients.get(c.req.param("provider") ?? "");
    if (client === undefined) throw new HTTPException(404);
    return client;
  }

  async function leave(c: AppContext, wish: Wish) {
    const client = clientOf(c);
    const { name } = client.settings;
    const seconds = await throttle.proof(c.var.address);
    if (seconds > 0) {
      const action = ACTIONS[wish.purpose];
      await audit.record(c, { action, result: "denied", target: name, detail: "throttled" });
      return c.body(null, 429, { "Retry-After": String(seconds) });
    }
    try {
      const { url, secrets } = await client.request(redirectUri(c, name), {
        again: wish.purpose === "confirm",
      });
      const about = { provider: name, personId: c.var.person?.id ?? null, startedAt: clock.now() };
      c.var.session.set("providerRequest", { ...wish, ...about, ...secrets });
      return leavingPage(c, client.settings, url.href);
    } catch (error) {
      return refused(services, c, client.settings, wish, error);
    }
  }

  /** Throws {@link Refusal} when the answer that comes now cannot be this request's. */
  function mustFit(c: AppContext, { provider, startedAt, personId }: ProviderRequest): void {
    if (provider !== c.req.param("provider")) throw new Refusal("stale", `the request went to ${provider}`);
    if (clock.now() - startedAt > TEN_MINUTES) throw new Refusal("stale", "expired");
    if (personId !== (c.var.person?.id ?? null)) throw new Refusal("stale", "somebody else is signed in");
  }

  async function signIn(c: AppContext, { client, request, identity }: Answer) {
    const person = await findOwner(database, identity);
    if (person === null) {
      const { issuer, subject, name } = identity;
      const { provider, next } = request;
      c.var.session.set("newcomer", { provider, issuer, subject, name, next, verifiedAt: clock.now() });
      return c.redirect("/providers/choose-name", 303);
    }
    // The same words as for an answer that proves nothing: only administrators are told who is disabled.
    if (person.isDisabled) throw new Refusal("unverified", `the account ${person.id} is disabled`);
    await noteUse(database, identity, clock.now());
    await enter(services, c, person, { method: `provider:${client.settings.name}` });
    return c.redirect(request.next, 303);
  }

  async function confirm(c: AppContext, answer: Answer) {
    const { request, identity } = answer;
    const owner = await findOwner(database, identity);
    if (owner?.id !== signedIn(c).id) throw new Refusal("other", "the identity is not this person's");
    // Asked with max_age, a provider has to say when (OpenID Connect Core, 3.1.2.1). Who says nothing may have asked nobody.
    const { authenticatedAt } = identity;
    if (authenticatedAt === null) throw new Refusal("notAnew", "the provider did not say when it asked");
    if (authenticatedAt < request.startedAt - CLOCKS_DIFFER)
      throw new Refusal("notAnew", "the provider asked for no new sign-in");
    return signIn(c, answer);
  }

  async function link(c: AppContext, { client, identity }: Answer) {
    const person = signedIn(c);
    const { name: provider, label } = client.settings;
    const owner = await findOwner(database, identity);
    if (owner?.id !== person.id) {
      await database.transaction().execute(async (transaction) => {
        if (!(await isStillIn(transaction, person)))
          throw new Refusal("stale", "the sign-in was ended in the meantime");
        const about = { personId: person.id, label: identity.name, now: clock.now() };
        if (!(await linkIdentity(transaction, identity, about)))
          throw new Refusal("taken", "the identity is somebody's already");
        await audit.record(c, { action: "provider.link", result: "done", target: provider }, transaction);
      });
    }
    notify(c, "done", c.var.t("provider.linked", { provider: label }));
    return c.redirect("/account", 303);
  }

  const purposes = { "sign-in": signIn, "sign-up": signIn, confirm, link } as const;

  return new Hono<AppEnv>()
    .post("/:provider", async (c) => {
      const form = await readForm(c, Way);
      if (!form.valid) throw new HTTPException(400);
      const { purpose } = form.values;
      const next = safePath(form.values.next);
      // Who is signed in has nothing to sign in for, and who is not has nothing to confirm.
      if (purpose === "confirm" && c.var.person === null) return c.redirect("/sign-in", 303);
      if (purpose !== "confirm" && c.var.person !== null) return c.redirect(next, 303);
      return leave(c, { purpose, next });
    })
    .post("/:provider/link", requirePerson, requireRecentSignIn(services), (c) =>
      leave(c, { purpose: "link", next: "/account" }),
    )
    .get("/:provider/callback", async (c) => {
      const client = clientOf(c);
      const request = await c.var.session.claim("providerRequest");
      try {
        if (request === undefined)
          throw new Refusal("stale", "nothing was asked, or it was answered already");
        mustFit(c, request);
        const answer = new URL(redirectUri(c, client.settings.name));
        answer.search = new URL(c.req.url).search;
        const identity = await client.verify(answer, request);
        return await purposes[request.purpose](c, { client, request, identity });
      } catch (error) {
        return refused(services, c, client.settings, request ?? { purpose: "sign-in", next: "/" }, error);
      }
    });
}

/** Where a provider sends the browser back to. It has to be registered there, letter by letter. */
function redirectUri(c: AppContext, provider: string): string {
  return `${c.var.origin}/providers/${provider}/callback`;
}
