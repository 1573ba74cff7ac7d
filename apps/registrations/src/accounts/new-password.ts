// A new password is looked at before it is taken, wherever that is: not too often for one address, because the look takes
// milliseconds in which nobody else is served and may be had without an account; then by the policy.

import type { AuditAction } from "../audit/audit.ts";
import type { Services } from "../services.ts";
import type { AppContext } from "../web/visit.ts";
import { passwordProblem } from "./password-policy.ts";

export interface NewPassword {
  readonly password: string;
  /** Whose it will be. */
  readonly name: string;
  /** What it is chosen for. */
  readonly action: AuditAction;
}

/** Why the form has to come back, and with which status. */
export interface NewPasswordProblem {
  readonly message: string;
  readonly status: 400 | 429;
}

/** What is wrong with the new password; `null` when it can be taken. Who has to wait is told so by a header, too. */
export async function newPasswordProblem(
  { audit, throttle }: Services,
  c: AppContext,
  { password, name, action }: NewPassword,
): Promise<NewPasswordProblem | null> {
  const { address, t } = c.var;
  const seconds = await throttle.newPassword(address);
  if (seconds > 0) {
    await audit.record(c, { action, result: "denied", detail: "throttled" });
    c.header("Retry-After", String(seconds));
    return { message: t("signIn.wait", { minutes: Math.ceil(seconds / 60) }), status: 429 };
  }
  const problem = passwordProblem(password, { name });
  return problem === null ? null : { message: t(problem), status: 400 };
}
