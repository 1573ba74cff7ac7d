// The audit log's page, and the table of events that the overview shows as well.

import { html } from "hono/html";
import { type AuditAction, auditActions } from "../audit/audit.ts";
import type { AuditTable } from "../database/schema.ts";
import { badge, type Content, emptyState } from "../pages/components.ts";
import { field, searchForm, select } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { table } from "../pages/lists.ts";
import type { AppContext } from "../web/visit.ts";
import type { AuditFilter, AuditRow } from "./audit-log.ts";
import { detailInWords, targetInWords } from "./audit-words.ts";
import { backOfficePage, instant } from "./back-office.ts";
import { type Page, pageLinks } from "./listing.ts";

export const results = ["done", "denied", "failed"] as const satisfies readonly AuditTable["result"][];

export function auditPage(c: AppContext, events: Page<AuditRow>, filter: AuditFilter) {
  const { t } = c.var;
  const content = html`${filterForm(c, filter)}
      ${events.rows.length === 0 ? emptyState(t("admin.none")) : eventsTable(c, t("admin.audit.caption"), events.rows)}
      ${pageLinks(c, events)}`;
  return backOfficePage(c, { part: "audit" }, content);
}

/** Events, each with who, from where, what, to what, and with what result. */
export function eventsTable(c: AppContext, caption: string, rows: readonly AuditRow[]): Markup {
  const { t } = c.var;
  return table(
    caption,
    [
      { label: t("admin.audit.at"), cell: ({ at }) => instant(c, at) },
      { label: t("admin.audit.action"), cell: ({ action }) => actionName(c, action) },
      { label: t("admin.audit.result"), cell: ({ result }) => resultBadge(c, result) },
      { label: t("admin.audit.actor"), cell: ({ actorName }) => actorName ?? "" },
      { label: t("admin.sessions.address"), cell: ({ address }) => address ?? "" },
      { label: t("admin.audit.target"), cell: (row) => targetInWords(t, row) },
      { label: t("admin.audit.detail"), cell: (row) => detailInWords(t, row) },
    ],
    rows,
  );
}

/** An action in words; as it was written down, where a version of before wrote it. */
function actionName({ var: { t } }: AppContext, action: string): Content {
  const known = auditActions.find((one) => one === action);
  return known === undefined ? action : t(`audit.${known}`);
}

function resultBadge({ var: { t } }: AppContext, result: AuditTable["result"]): Markup {
  return badge(t(`admin.audit.${result}`), result === "done" ? "good" : "bad");
}

function filterForm({ var: { t } }: AppContext, { action, name, result }: AuditFilter): Markup {
  const actions: readonly AuditAction[] = auditActions;
  return searchForm(
    { action: "/admin/audit", label: t("admin.audit.search"), submit: t("admin.filter") },
    html`${select({
      name: "action",
      label: t("admin.audit.action"),
      options: [
        { value: "", label: t("admin.audit.anyAction") },
        ...actions.map((value) => ({ value, label: t(`audit.${value}`) })),
      ],
      value: action ?? "",
    })}
        ${field({ name: "name", type: "search", label: t("admin.name"), value: name })}
        ${select({
          name: "result",
          label: t("admin.audit.result"),
          options: [
            { value: "", label: t("admin.audit.anyResult") },
            ...results.map((value) => ({ value, label: t(`admin.audit.${value}`) })),
          ],
          value: result ?? "",
        })}`,
  );
}
