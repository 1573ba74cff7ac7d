// Which passwords are good enough where the password is all there is (NIST SP 800-63B-4, 3.1.1): long ones, of any
// characters, that nobody would try early. What has been guessed or stolen elsewhere is known offline, from zxcvbn's lists.

import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import type { PlainTextKey } from "../i18n/translate.ts";

/** Characters (code points), after NFKC. */
const SHORTEST = 15;
const LONGEST = 1_024;

/**
 * How many guesses a password must withstand. Whoever steals the table needs three years of a core for it, at 10 ms a
 * guess; at the sign-in form, nobody gets that far. It is zxcvbn's highest grade.
 */
const GUESSES = 1e10;

/** The estimate takes time that grows faster than the length; what comes later could only add guesses. */
const LOOKED_AT = 64;

/** What anybody would try first here. */
const OURS = ["vestiaire", "registrations", "registration", "inscriptions", "inscription"];

let estimator: ZxcvbnFactory | null = null;

/** Why this cannot be the password of somebody with this name, as a text; `null` when it can. */
export function passwordProblem(password: string, { name }: { name: string }): PlainTextKey | null {
  const text = password.normalize("NFKC");
  const { length } = Array.from(text);
  if (length < SHORTEST) return "password.tooShort";
  if (length > LONGEST) return "password.tooLong";
  // Made at the first use: its tables take a moment, and many processes never ask.
  estimator ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: LOOKED_AT });
  const itsName = name.normalize("NFKC");
  const { guesses } = estimator.check(text, [itsName, ...itsName.split(/[^\p{L}\p{N}]+/u), ...OURS]);
  return guesses < GUESSES ? "password.guessable" : null;
}
