// Names that come from scripts: of accounts that are to be made, and of passkeys.

import { Name } from "../accounts/sign-up.ts";
import { isTextKey, type Translate } from "../i18n/translate.ts";

/** The name without the blanks around it, or a message that says what is wrong with it. */
export function readName(
  t: Translate,
  given: string,
): { readonly name: string; readonly message?: never } | { readonly name?: never; readonly message: string } {
  const read = Name.safeParse(given);
  if (read.success) return { name: read.data };
  const problem = read.error.issues[0]?.message ?? "";
  return { message: t(isTextKey(problem) ? problem : "form.invalid") };
}
