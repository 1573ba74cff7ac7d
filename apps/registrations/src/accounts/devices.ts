// The browsers in which somebody is signed in: each is a session. Ending one counts at that browser's next request. It
// takes a recent sign-in (OWASP ASVS 5.0, 7.5.2), or a stolen session could throw its owner out.

import { Hono } from "hono";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import type { SessionInfo } from "vestiaire";
import { dateTime } from "../i18n/dates.ts";
import { actions, badge, buttonLink, confirmation, section, time } from "../pages/components.ts";
import { button, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { type Entry, entries } from "../pages/lists.ts";
import type { Services } from "../services.ts";
import { requireRecentSignIn } from "../web/access.ts";
import { notify, page } from "../web/page.ts";
import { type AppContext, type AppEnv, signedIn, type Visit } from "../web/visit.ts";

type Device = SessionInfo<Visit>;

/** The routes under `/account/devices`. */
export function deviceRoutes(services: Services): Hono<AppEnv> {
  const { audit, sessions } = services;
  const recent = requireRecentSignIn(services);
  return new Hono<AppEnv>()
    .get("/end-others", recent, (c) => endOthersPage(c))
    .post("/end-others", recent, async (c) => {
      await audit.record(c, { action: "session.end", result: "done", target: "all others" });
      notify(c, "done", c.var.t("devices.othersEnded"));
      await sessions.endAllOf(signedIn(c).id, { except: c.var.session });
      return c.redirect("/account#devices", 303);
    })
    .post("/:id/end", recent, async (c) => {
      const id = c.req.param("id");
      const device = (await sessions.ofUser(signedIn(c).id)).find((device) => device.id === id);
      if (device === undefined) {
        await audit.record(c, { action: "access.denied", result: "denied", target: `session ${id}` });
        throw new HTTPException(404);
      }
      await audit.record(c, { action: "session.end", result: "done", target: `session ${id}` });
      await sessions.end(device.id);
      notify(c, "done", c.var.t("devices.ended", { device: deviceName(c, device) }));
      return c.redirect("/account#devices", 303);
    });
}

/** The part of the account page about devices: this one first, then by their last visit. */
export async function deviceSection({ sessions }: Services, c: AppContext): Promise<Markup> {
  const { t, session } = c.var;
  const devices = await sessions.ofUser(signedIn(c).id);
  const own = devices.filter(({ id }) => id === session.id);
  const others = devices
    .filter(({ id }) => id !== session.id)
    .toSorted((a, b) => b.lastSeenAt - a.lastSeenAt);
  const list = [
    ...own.map((device) => thisDevice(c, device)),
    ...others.map((device) => otherDevice(c, device)),
  ];
  const endOthers = buttonLink("/account/devices/end-others", t("devices.endOthers"), "quiet-danger");
  return section(
    { id: "devices", title: t("devices.title"), lead: t("devices.lead") },
    html`${entries(list)}
        ${others.length > 0 && actions(endOthers)}`,
  );
}

function endOthersPage(c: AppContext) {
  const { t } = c.var;
  const title = t("devices.endOthers.title");
  const content = confirmation({
    title,
    consequence: t("devices.endOthers.consequence"),
    action: "/account/devices/end-others",
    confirm: t("devices.endOthers"),
    cancel: { href: "/account#devices", text: t("form.cancel") },
  });
  return page(c, { title, section: "account" }, content);
}

function thisDevice(c: AppContext, device: Device): Entry {
  return {
    title: deviceName(c, device),
    badges: badge(c.var.t("devices.this"), "good"),
    details: firstSeen(c, device),
  };
}

function otherDevice(c: AppContext, device: Device): Entry {
  const { t, language } = c.var;
  const { id, lastSeenAt } = device;
  const title = deviceName(c, device);
  const lastSeen = time(lastSeenAt, t("devices.lastSeen", { date: dateTime(language, lastSeenAt) }));
  return {
    title,
    details: html`${lastSeen}<br>${firstSeen(c, device)}`,
    action: postForm(`/account/devices/${id}/end`, button(t("devices.end"), "quiet", { about: title })),
  };
}

/** Nothing for a session whose data cannot be read. */
function firstSeen({ var: { t, language } }: AppContext, { data: { device } }: Device): Markup {
  if (device === undefined) return html``;
  const { firstSeenAt, address } = device;
  return time(firstSeenAt, t("devices.firstSeen", { date: dateTime(language, firstSeenAt), address }));
}

/** A session as people recognise it: the browser and the system, as they called themselves. */
export function deviceName({ var: { t } }: AppContext, { data: { device } }: Device): string {
  return [device?.browser, device?.system].filter(Boolean).join(" · ") || t("devices.unknown");
}
