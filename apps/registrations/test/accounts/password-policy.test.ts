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
  "correct horse battery staple",
  "le chat dort sur le tapis",
  "ёжик в тумане гуляет",
  "日本語のパスワードはとても長い",
  "quatre mots sans rapport",
  "          only spaces around          ",
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
  ["the account's name twice", "Ada LovelaceAda Lovelace"],
  ["parts of the account's name", "lovelace lovelace ada"],
  ["the account's name in other characters", "Ａｄａ Lovelace 1234"],
  ["this application's name", "vestiairevestiaire"],
  ["what this application is for", "registrations 2026"],
] as const) {
  test(`P1: refused as guessable: ${why}`, () => assert.equal(problemOf(password), "password.guessable"));
}

test("P1: three common words are enough", () => {
  assert.equal(problemOf("dragon monkey football"), null);
});

test("P1: another's name is no reason to refuse", () => {
  assert.equal(problemOf("zorblatt quixendorf", "Zorblatt Quixendorf"), "password.guessable");
  assert.equal(problemOf("quixendorf.zorblatt", "ＺＯＲＢＬＡＴＴ\tQuixendorf"), "password.guessable");
  assert.equal(problemOf("zorblatt quixendorf", "Ada"), null);
});

test("P1: what judging takes is bounded: only the first 64 characters are judged", () => {
  const good = "the tired harpist polishes";
  assert.equal(problemOf(`${"a".repeat(64)}${good}`), "password.guessable");
  assert.equal(problemOf(`${good}${"a".repeat(900)}`), null);
});
