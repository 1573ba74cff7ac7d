// The shape of one feature's texts. Each feature keeps its own in a `messages.ts`; `catalogue.ts` puts them together.

/**
 * The texts of one feature, in ICU message syntax (`{count, plural, one {# person} other {# people}}`). Keys start with
 * the feature's name: `"layout.signOut"`. French must have exactly the keys of English, or this does not compile.
 */
export function messages<const English extends Readonly<Record<string, string>>>(texts: {
  readonly en: English;
  readonly fr: Readonly<Record<keyof NoInfer<English>, string>>;
}): typeof texts {
  return texts;
}
