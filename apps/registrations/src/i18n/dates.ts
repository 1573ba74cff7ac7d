// Instants as people read them, in the server's time zone: it serves people who meet in one place.

import type { Language } from "./translate.ts";

const parts = {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
} as const;

const formats = {
  en: new Intl.DateTimeFormat("en-GB", parts),
  fr: new Intl.DateTimeFormat("fr", parts),
} as const satisfies Record<Language, Intl.DateTimeFormat>;

/** A date and a time of day, with its zone; `at` is milliseconds since 1970. */
export function dateTime(language: Language, at: number): string {
  return formats[language].format(at);
}
