// Names as people may choose them, wherever they come in: two that look alike for the same characters are one account.

import assert from "node:assert/strict";
import { test } from "node:test";
import { firstAdministratorLink } from "../../src/accounts/first-administrator.ts";
import { isReadable } from "../../src/accounts/names.ts";
import { nameKey } from "../../src/accounts/people.ts";
import { startWithLiar } from "../providers/liar.ts";
import { type Application, PASSWORD, promote, signedUp, startApplication } from "../support/application.ts";
import type { Answer } from "../support/browser.ts";

for (const name of [
  "Ada Lovelace",
  "Анна-Мария",
  "李小龍",
  "O’Brien, Jr. (2nd)",
  "Ngô Thị Ngọc".normalize("NFD"),
  "נִסִּים",
  "จุฬาภรณ์",
  "ཀརྨ་པ་",
  "ခင်မျိုးချစ်",
  "7",
  "Ada 🎈",
  "Ada ❤\ufe0f 👩\u200d🚀 👩🏽\u200d🚀 👩\u200d❤\ufe0f\u200d👩",
  "علی\u200cرضا",
  "ශ\u0dca\u200dරී",
  "葛\u{e0100}城",
  "ᠰ\u180bᠡ",
]) {
  test(`a name can be ${name}`, () => assert.equal(isReadable(name), true));
}

for (const [why, name] of [
  ["nothing but a Hangul filler", "\u3164"],
  ["nothing but another", "\u115f"],
  ["nothing but an empty Braille cell", "\u2800"],
  ["nothing but signs", "---"],
  ["nothing but an emoji", "🎈"],
  ["nothing but a mark", "\u0301"],
  ["a mark that sits on what stands before the name", "\u0301Ada"],
  ["a filler after it", "Ada\u3164"],
  ["a narrow filler after it", "Ada\uffa0"],
  ["a grapheme joiner", "Ada\u034f"],
  ["a variation selector on a letter", "Ada\ufe0f"],
  ["a Mongolian one", "Ada\u180b"],
  ["an inherent vowel of Khmer", "Ada\u17b4"],
  ["a joiner at its end", "Ada\u200d"],
  ["two joiners within", "Ad\u200c\u200ca"],
  ["a soft hyphen", "A\u00adda"],
  ["another direction", "\u202eadA"],
  ["a tag", "Ada\u{e0041}"],
  ["a line end", "A\nda"],
  ["the same mark twice", "A\u0301\u0301da"],
  ["the same mark twice, once composed", "\u00c1\u0301da"],
  ["five marks on a letter", "A\u0300\u0301\u0302\u0303\u0304da"],
  ["half of a character", "Ada\ud83c"],
] as const) {
  test(`a name cannot be or have ${why}`, () => assert.equal(isReadable(name), false));
}

test("what shows nothing makes no name another", () => {
  for (const name of ["Ada\u3164", "\uffa0A\u034fda", "Ad\u200ca", "Ada\ufe0f\u2800", "ADA\u17b4"])
    assert.equal(nameKey(name), "ada");
  assert.equal(nameKey("علی\u200cرضا"), nameKey("علیرضا"));
  assert.equal(nameKey("e\u034f\u0301"), nameKey("é"));
});

/** Each place where a name comes in, with what it answers to this one. */
const places: Readonly<Record<string, (application: Application, name: string) => Promise<Answer>>> = {
  "sign-up": (application, name) => application.browser().post("/sign-up", { name, password: PASSWORD }),
  "sign-up with a passkey": (application, name) =>
    application.browser().postJson("/sign-up/passkey/options", { name }),
  "the first administrator": async (application, name) => {
    const link = (await firstAdministratorLink(application.services, application.url)) ?? assert.fail();
    const fields = { name, newPassword: PASSWORD };
    return application.browser().post(new URL(link).pathname, fields);
  },
  "the back office": async (application, name) => {
    const ada = await signedUp(application, "Ada");
    await promote(application, "Ada");
    return ada.post("/admin/people", { name });
  },
};

for (const [place, send] of Object.entries(places)) {
  test(`at ${place}, a name that cannot be read is refused, and the reason is given`, async (t) => {
    const { body, status } = await send(await startApplication(t), "Ada\u3164");
    assert.equal(status, 400);
    assert.match(body, /Please use at least one letter or digit, and nothing that cannot be seen\./);
  });
}

test("whom a provider calls by a name that cannot be read is asked for another, and it is refused as well", async (t) => {
  const { application, answer } = await startWithLiar(t);
  const browser = application.browser();
  const form = await browser.follow(
    await browser.get(await answer(browser, { claims: { name: "Ada\u3164" } })),
  );
  assert.match(form.body, /id="field-name" name="name" type="text" value=""/);
  const { body, status } = await browser.post("/providers/choose-name", { name: "Ada\u3164" });
  assert.equal(status, 400);
  assert.match(body, /Please use at least one letter or digit/);
});
