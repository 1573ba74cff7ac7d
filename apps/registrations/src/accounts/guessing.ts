// How many guesses a password withstands, as zxcvbn estimates it: with the passwords that leak most, English and French
// words and first names, and phrases that everybody knows. All of it comes with the packages; nobody is asked.

import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary as common } from "@zxcvbn-ts/language-common";
import { dictionary as english } from "@zxcvbn-ts/language-en";
import { dictionary as french } from "@zxcvbn-ts/language-fr";
import { wellKnownPhrases } from "./well-known-phrases.ts";

/**
 * Only so many characters are judged, in so many of the spellings that `4` for `a` and the like could stand for: what an
 * estimate takes grows faster than either. What comes later could only add guesses.
 */
const LOOKED_AT = 32;
const SPELLINGS = 10;

/** What anybody would try first here. */
const OURS = ["vestiaire", "registrations", "registration", "inscriptions", "inscription"];

let estimator: ZxcvbnFactory | null = null;

/** About how many guesses find this text (in NFKC) if it is the password of somebody of this name. Takes milliseconds. */
export function guessesFor(text: string, name: string): number {
  // Made at the first use: its tables take a moment, and many processes never ask.
  const zxcvbn = estimator ?? newEstimator();
  estimator = zxcvbn;
  const words = [name, joined(name), ...name.split(/[^\p{L}\p{N}]+/u), ...OURS];
  // It takes each blank for one that was drawn at random; but everybody knows where words end.
  const spellings = new Set([text, joined(text)]);
  return Math.min(...[...spellings].map((spelling) => zxcvbn.check(spelling, words).guesses));
}

function newEstimator(): ZxcvbnFactory {
  // A few tables rather than the packages' forty, since each is asked for each piece of the text. English surnames are
  // left out: there are so many that anything is one.
  const dictionary = {
    passwords: common["passwords-common"],
    english: ranked(english["commonWords-en"], english["wikipedia-en"], english["firstnames-en"]),
    french: ranked(french["commonWords-fr"], french["wikipedia-fr"], french["firstnames-fr"]),
    phrases: wellKnownPhrases.flatMap(beginnings),
  };
  const bounds = { maxLength: LOOKED_AT, l33tMaxSubstitutions: SPELLINGS };
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, ...bounds });
}

/** One list of them all, the most frequent words first; those with accents without them as well. */
function ranked(...lists: readonly (readonly (string | number)[])[]): string[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  const words = new Set<string>();
  for (let rank = 0; rank < longest; rank++)
    for (const list of lists) {
      const word = String(list[rank] ?? "");
      words.add(word).add(withoutAccents(word));
    }
  words.delete("");
  return [...words];
}

/** The phrase's beginnings that fill at least most of a password, joined, with accents and without. */
function beginnings(phrase: string): string[] {
  const words = phrase.split(" ");
  const some = words.map((_, index) => joined(words.slice(0, index + 1).join(" ")).slice(0, LOOKED_AT));
  return some.filter(({ length }) => length >= 9).flatMap((text) => [text, withoutAccents(text)]);
}

/** Without blanks, apostrophes and the like. */
function joined(text: string): string {
  return text.replaceAll(/[\p{Z}\s\-_.,;:'’]+/gu, "");
}

function withoutAccents(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return text
    .normalize("NFD")
    .replaceAll(/\p{Mn}+/gu, "")
    .replaceAll("œ", "oe");
}
