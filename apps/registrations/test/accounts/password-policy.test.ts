// P1: which passwords are accepted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { passwordProblem } from "../../src/accounts/password-policy.ts";

const problemOf = (password: string, name = "Ada Lovelace") => passwordProblem(password, { name });

test("P1: a password has 15 characters or more, however many bytes they are", () => {
  assert.equal(problemOf("x7Kd92mqLpVz4R"), "password.tooShort");
  assert.equal(problemOf("x7Kd92mqLpVz4Rt"), null);
  assert.equal(problemOf("🦊🌵🎻🧭🍋🚲🎈"), "password.tooShort", "7 characters in 14 units and 28 bytes");
  assert.equal(problemOf("cafe\u0301 fume\u0301 noir"), "password.tooShort", "14 once composed");
});

test("P1: a password of at least 64 characters is accepted, and one up to 1,024", () => {
  const passphrase = "the tired harpist polishes eleven copper kettles before midnight";
  assert.equal(passphrase.length, 64);
  assert.equal(problemOf(passphrase), null);
  assert.equal(problemOf(passphrase.repeat(16)), null);
  assert.equal(problemOf(`${passphrase.repeat(16)}!`), "password.tooLong");
  assert.equal(problemOf(passphrase.slice(0, -1) + "🦊".repeat(961)), null, "1,024 characters in more units");
});

for (const password of [
  "girafe parapluie lundi orage",
  "le chat dort sur le tapis",
  "ёжик в тумане гуляет",
  "日本語のパスワードはとても長い",
  "quatre mots sans rapport",
  "          nobody counts blanks around          ",
  "gT7!kQ2$vN9@xL4",
  "ALL CAPITALS AND NO DIGITS",
]) {
  test(`P1: no composition is asked for: ${password}`, () => assert.equal(problemOf(password), null));
}

for (const [why, password] of [
  ["a common one twice", "passwordpassword"],
  ["a common one many times", "monkeymonkeymonkeymonkey"],
  ["a common one and what fills it up", "passwordpassword1!"],
  ["a common one in disguise", "P@ssw0rdP@ssw0rd"],
  ["digits in their order", "123456789012345"],
  ["letters in their order", "abcdefghijklmno"],
  ["one character", "aaaaaaaaaaaaaaaaaa"],
  ["one character, a thousand times", "a".repeat(1_000)],
  ["spaces", " ".repeat(20)],
  ["keys in their order", "qwertyuiopasdfgh"],
  ["keys in their order, on a French keyboard", "azertyuiopqsdfgh"],
  ["keys in their order, backwards on a French keyboard", "bvcxwmlkjhgfdsq"],
  ["two common words", "sunflower trumpet"],
  ["three common words", "dragon monkey football"],
  ["three common words in one", "dragonmonkeyfootball"],
  ["a common word and a year", "administrator2024"],
  ["a common word of another language and a year", "administrateur2024"],
  ["a common word of another language, and digits", "motdepasse12345"],
  ["two first names and a date", "josephine-albertine-1985"],
  ["what computers know words by", "__proto____proto__"],
  ["the account's name twice", "Ada LovelaceAda Lovelace"],
  ["parts of the account's name", "lovelace lovelace ada"],
  ["the account's name in other characters", "Ａｄａ Lovelace 1234"],
  ["this application's name", "vestiairevestiaire"],
  ["what this application is for", "registrations 2026"],
] as const) {
  test(`P1: refused as guessable: ${why}`, () => assert.equal(problemOf(password), "password.guessable"));
}

// In many lists of leaked passwords, and in none that a package brings.
for (const password of [
  "correcthorsebatterystaple",
  "jesuschristislord",
  "tobeornottobethat",
  "maytheforcebewithyou",
  "supercalifragilisticexpialidocious",
  "thequickbrownfoxjumps",
  "unitedstatesofamerica",
  "iloveyouforever",
  "jetaimepourtoujours",
  "olympiquedemarseille",
  "parissaintgermain",
  "allonsenfantsdelapatrie",
]) {
  test(`P1: refused as guessable: a phrase that everybody knows: ${password}`, () => {
    for (const spelling of [password, password.toUpperCase(), `${password}1`, `${password}2024!`])
      assert.equal(problemOf(spelling), "password.guessable", spelling);
  });
}

for (const password of [
  "correct horse battery staple",
  "Correct-Horse-Battery-Staple",
  "May the force be with you!",
  "To be, or not to be: that is",
  "the quick brown fox jumps",
  "Je t’aime pour toujours",
  "je t'aime pour toujours",
  "Liberté, égalité, fraternité",
  "liberte egalite fraternite",
  "Paris Saint-Germain 2024",
  "Être ou ne pas être, telle est la question",
]) {
  test(`P1: refused as guessable: a phrase that everybody knows, as it is written: ${password}`, () => {
    assert.equal(problemOf(password), "password.guessable");
  });
}

test("P1: four unrelated words are enough, as the form says, however common and in whichever language", () => {
  for (const words of [
    "dragon monkey football river",
    "horse-window-paper-seven",
    "maison cheval soleil pomme",
  ])
    assert.equal(problemOf(words), null, words);
});

test("P1: another's name is no reason to refuse", () => {
  assert.equal(problemOf("zorblatt quixendorf", "Zorblatt Quixendorf"), "password.guessable");
  assert.equal(problemOf("quixendorf.zorblatt", "ＺＯＲＢＬＡＴＴ\tQuixendorf"), "password.guessable");
  assert.equal(problemOf("zorblatt quixendorf", "Ada"), null);
});

test("P1: what judging takes is bounded: only the first 32 characters are judged", () => {
  const good = "the tired harpist polishes";
  assert.equal(problemOf(`${"a".repeat(32)}${good}`), "password.guessable");
  assert.equal(problemOf(`${good}${"a".repeat(900)}`), null);
});

test("P4: the worst password takes little more work than an ordinary one, however long it is", (t) => {
  // Each piece of the text is cut out and looked up: the number of cuts is the work.
  const cuts = (password: string): number => {
    const slice = t.mock.method(String.prototype, "slice");
    problemOf(password);
    slice.mock.restore();
    return slice.mock.callCount();
  };
  problemOf("the first use makes the tables");
  const ordinary = cuts("x7Kd92mqLpVz4Rt");
  for (const password of [
    "1!|".repeat(21),
    "1!|".repeat(341),
    "3$!|4@0(".repeat(8),
    "0+1(1$7|@{+75<27+(70[$%0@(!625[7%2(1+1<4{{652+37<![+23{7$[<456+0",
    "1[@044470[9!$@<5{+7(%3704(23<{5@".repeat(2),
    "pco|hkjnp1bk!!1jghp!olpmmmkbmldmdnilhnfh!m|iejiokgcngkc1g|eajkhf",
  ])
    assert.ok(cuts(password) < 8 * ordinary, `${password}: ${cuts(password)}, not ${ordinary}`);
});
