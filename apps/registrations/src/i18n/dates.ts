// Instants as people read them, in the server's time zone: it serves people who meet in one place.

import type { Language } from "./translate.ts";

const formats = {
  en: new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }),
  fr: new Intl.DateTimeFormat("fr", { dateStyle: "medium", timeStyle: "short" }),
} as const satisfies Record<Language, Intl.DateTimeFormat>;

/** A date and a time of day; `at` is milliseconds since 1970. */
export function dateTime(language: Language, at: number): string {
  return formats[language].format(at);
}
