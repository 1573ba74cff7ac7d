// What the compiler cannot say of the texts: that they are valid, and that both languages want the same values.

import assert from "node:assert/strict";
import { test } from "node:test";
import { IntlMessageFormat } from "intl-messageformat";
import { catalogue } from "../../src/i18n/catalogue.ts";
import { languages } from "../../src/i18n/translate.ts";

/** The names of a message's placeholders, those inside plurals included. */
function placeholders(text: string, language: string): string[] {
  const names = new Set<string>();
  JSON.stringify(
    new IntlMessageFormat(text, language, undefined, { ignoreTag: true }).getAst(),
    (_key, part) => {
      if (typeof part?.type === "number" && part.type >= 1 && part.type <= 6) names.add(part.value);
      return part;
    },
  );
  return [...names].sort();
}

test("every text is valid in every language, and wants the same values", () => {
  for (const [key, english] of Object.entries(catalogue.en)) {
    for (const language of languages) {
      const text = catalogue[language][key as keyof typeof catalogue.en];
      assert.deepEqual(
        placeholders(text, language),
        placeholders(english, "en"),
        `${key}, ${language}: ${text}`,
      );
    }
  }
});

test("French has a no-break space before its double punctuation, and no straight apostrophes", () => {
  for (const [key, text] of Object.entries(catalogue.fr)) {
    const [syntaxless = ""] = [text.replace(/\{[^{}]*\{|\}[^{}]*\}/g, "")];
    assert.doesNotMatch(syntaxless, /[\p{L}»] [?!;:]/u, `${key}: ${text}`);
    assert.doesNotMatch(syntaxless, /\p{L}'\p{L}/u, `${key}: ${text}`);
  }
});

test("no two features use one key", async () => {
  const files = ["accounts", "admin", "pages", "passkeys", "providers", "registrations", "web"];
  const keys: string[] = [];
  for (const file of files) {
    const module: Record<string, { en: object }> = await import(`../../src/${file}/messages.ts`);
    for (const { en } of Object.values(module)) keys.push(...Object.keys(en));
  }
  assert.equal(keys.length, Object.keys(catalogue.en).length);
});
