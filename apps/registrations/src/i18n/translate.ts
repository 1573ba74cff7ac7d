// Texts in the visitor's language. Keys and values are checked by the compiler against the English texts, and by a test
// against the French ones; ICU's syntax (plurals, dates) is intl-messageformat's.

import type { GetICUArgs } from "@schummar/icu-type-parser";
import { IntlMessageFormat } from "intl-messageformat";
import { catalogue } from "./catalogue.ts";

export type Language = keyof typeof catalogue;
export const languages = ["en", "fr"] as const satisfies readonly Language[];

type Texts = (typeof catalogue)["en"];
export type TextKey = keyof Texts;

interface ArgumentTypes {
  ICUArgument: string | number;
  ICUNumberArgument: number;
  ICUDateArgument: Date | number;
}

type ValuesOf<Key extends TextKey> = GetICUArgs<Texts[Key], ArgumentTypes>;

/** Answers the text of a key, its placeholders filled. Throws for a text that is not valid ICU syntax. */
export type Translate = <Key extends TextKey>(
  key: Key,
  ...values: keyof ValuesOf<Key> extends never ? [] : [ValuesOf<Key>]
) => string;

/** The translator into one language. Messages are parsed once. */
export function translatorFor(language: Language): Translate {
  const known = new Map<TextKey, IntlMessageFormat>();
  return (key, ...[values]) => {
    let message = known.get(key);
    if (message === undefined) {
      message = new IntlMessageFormat(catalogue[language][key], language, undefined, { ignoreTag: true });
      known.set(key, message);
    }
    return String(message.format(values));
  };
}

const translators = { en: translatorFor("en"), fr: translatorFor("fr") } as const;

/** The shared translator into one language. */
export function translate(language: Language): Translate {
  return translators[language];
}

/** Whether this is a language that the application speaks. */
export function isLanguage(value: unknown): value is Language {
  return languages.some((language) => language === value);
}

/** The texts that need no values. */
export type PlainTextKey = { [Key in TextKey]: keyof ValuesOf<Key> extends never ? Key : never }[TextKey];

/** Whether this names a text that needs no values. */
export function isTextKey(key: string): key is PlainTextKey {
  return Object.hasOwn(catalogue.en, key) && !catalogue.en[key as TextKey].includes("{");
}
