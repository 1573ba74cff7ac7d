// Which passwords are good enough where the password is all there is (NIST SP 800-63B-4, 3.1.1): long ones, of any
// characters, that nobody would try early.

import type { PlainTextKey } from "../i18n/translate.ts";
import { guessesFor } from "./guessing.ts";

/** Characters (code points), after NFKC. */
const SHORTEST = 15;
const LONGEST = 1_024;

/**
 * How many guesses a password must withstand. Whoever steals the table needs three years of a core for it, at 10 ms a
 * guess; at the sign-in form, nobody gets that far. It is zxcvbn's highest grade.
 */
const GUESSES = 1e10;

/** Why this cannot be the password of somebody with this name, as a text; `null` when it can. */
export function passwordProblem(password: string, { name }: { name: string }): PlainTextKey | null {
  const text = password.normalize("NFKC");
  const { length } = Array.from(text);
  if (length < SHORTEST) return "password.tooShort";
  if (length > LONGEST) return "password.tooLong";
  return guessesFor(text, name.normalize("NFKC")) >= GUESSES ? null : "password.guessable";
}
