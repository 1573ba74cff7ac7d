// The words in the audit log's rows, for people to read. Rows hold them as they were written, in English, for the log's
// sake; what was chosen by people, such as names, is left as it is.

import type { Translate } from "../i18n/translate.ts";
import type { AuditRow } from "./audit-log.ts";

/** To whom or to what something was done. */
export function targetInWords(t: Translate, { action, target }: AuditRow): string {
  if (target === null) return "";
  // Elsewhere it is a name.
  if (action !== "access.denied" && action !== "session.end") return target;
  if (target === "all others") return t("admin.audit.others");
  const [, kind, id = ""] = /^(registration|session|passkey|identity) (\S+)$/.exec(target) ?? [];
  switch (kind) {
    case "registration":
    case "session":
    case "passkey":
    case "identity":
      return t(`admin.audit.one.${kind}`, { id });
    default:
      return target;
  }
}

/** How it was done, or why not. */
export function detailInWords(t: Translate, { detail }: AuditRow): string {
  const [, provider] = /^provider:(.+)$/.exec(detail ?? "") ?? [];
  if (provider !== undefined) return t("admin.audit.provider", { provider });
  switch (detail) {
    case "throttled":
    case "password":
    case "passkey":
    case "sign-up":
    case "reset-link":
      return t(`admin.audit.${detail}`);
    default:
      return detail ?? "";
  }
}
