// P1 to P3 of the security requirements: which passwords can be chosen, how they are asked for, and how they are kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Application, PASSWORD, promote, signedUp, startApplication } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";
import { eachDatabase } from "../support/databases.ts";
import { idOf, rowOf, signedIn } from "../support/people.ts";
import { unescaped } from "./probes.ts";

const EMOJI = "🎫🦓🧲🪁🍇🐙🚲🧵🥁🌋🪶🦔🧊🎻🪐";
/** Text that nobody guesses, of this many characters. */
const long = (length: number) =>
  "tickets hang on quiet hooks; zebra quartz, violin mango! ".repeat(30).slice(0, length);

const ACCEPTED: Readonly<Record<string, string>> = {
  "15 characters": "zeb quartz viol",
  "lower-case letters alone": "zebraquartzviolinmango",
  "digits alone": "83017264950281736459",
  "64 characters": long(64),
  "1,000 characters": long(1_000),
  "1,024 characters": long(1_024),
  "15 emoji": EMOJI,
  "blanks at both ends": "  zebra quartz violin  ",
  "other scripts": "зебра скрипка кварц манго",
  "what forms and queries are made of": `'; drop table people;-- &=%00+<"\\`,
  "tabs and line ends": "zebra\tquartz\nviolin\r\nmango",
};

const REFUSED: Readonly<Record<string, readonly [password: string, why: RegExp]>> = {
  nothing: ["", /15 characters or more/],
  "14 characters": ["zeb quartz vio", /15 characters or more/],
  // 28 units of UTF-16, 56 bytes.
  "14 emoji": [Array.from(EMOJI).slice(1).join(""), /15 characters or more/],
  // 16 characters as they are typed, 8 as they count.
  "8 characters and their accents": ["éàùîöüçñ".normalize("NFD"), /15 characters or more/],
  "1,025 characters": [long(1_025), /at most 1,024 characters/],
  "one character again and again": ["a".repeat(40), /too easy to guess/],
  "a row of digits": ["123456789012345", /too easy to guess/],
  "a row of keys": ["qwertyuiopasdfghjkl", /too easy to guess/],
  "what everybody takes": ["passwordpassword", /too easy to guess/],
  "what everybody takes, in disguise": ["P@ssw0rdP@ssw0rd", /too easy to guess/],
  "only blanks": [" ".repeat(20), /too easy to guess/],
  "the name": ["wilhelmina hortensia", /too easy to guess/],
  "the name, written as one": ["WilhelminaHortensia", /too easy to guess/],
  "this site's name": ["vestiaireregistrations", /too easy to guess/],
  "a phrase that everybody knows": ["correcthorsebatterystaple", /too easy to guess/],
  "a phrase that everybody knows, in words": ["correct horse battery staple", /too easy to guess/],
  "a phrase of another language": ["Je t’aime pour toujours", /too easy to guess/],
  "a club": ["olympiquedemarseille", /too easy to guess/],
  "a word and a year": ["administrateur2024", /too easy to guess/],
};

type Choose = (application: Application, password: string) => Promise<{ answer: Answer; name: string }>;

/** Each place where people choose a password. */
const places: Readonly<Record<string, Choose>> = {
  "sign-up": async (application, password) => {
    const name = "Wilhelmina Hortensia";
    await application.services.database.deleteFrom("people").execute();
    return { answer: await application.browser().post("/sign-up", { name, password }), name };
  },
  "a change": async (application, password) => {
    const name = "Wilhelmina Hortensia";
    await application.services.database.deleteFrom("people").execute();
    const browser = await signedUp(application, name);
    const fields = { currentPassword: PASSWORD, newPassword: password };
    return { answer: await browser.post("/account/password", fields), name };
  },
};

for (const [place, choose] of Object.entries(places)) {
  test(`P1: at ${place}, any long password is taken and works as a whole`, async (t) => {
    const application = await startApplication(t);
    for (const [what, password] of Object.entries(ACCEPTED)) {
      const { answer, name } = await choose(application, password);
      assert.equal(answer.status, 303, what);
      await signedIn(application, name, password);
      for (const other of [password.slice(0, -1), `${password}x`, `x${password.slice(1)}`, password.trim()]) {
        if (other === password) continue;
        const { status } = await application.browser().post("/sign-in", { name, password: other });
        assert.equal(status, 400, what);
      }
      await application.services.database.deleteFrom("attempts").execute();
    }
  });

  test(`P1: at ${place}, a short or guessable password is refused with the reason, and never shown`, async (t) => {
    const application = await startApplication(t);
    for (const [what, [password, why]] of Object.entries(REFUSED)) {
      const { answer } = await choose(application, password);
      assert.equal(answer.status, 400, what);
      assert.match(answer.body, why, what);
      if (password.trim().length > 3) assert.ok(!unescaped(answer.body).includes(password), what);
    }
  });
}

test("P1: however a keyboard composes its characters, it is the same password", async (t) => {
  const application = await startApplication(t);
  const password = "Crème brûlée à la ﬁn ｄｅ l’été";
  await signedUp(application, "Ada", password.normalize("NFC"));
  for (const form of ["NFC", "NFD", "NFKC", "NFKD"])
    await signedIn(application, "Ada", password.normalize(form));
});

test("P1: two passwords that differ after their 72nd byte are two", async (t) => {
  const application = await startApplication(t);
  const beginning = long(72);
  await signedUp(application, "Ada", `${beginning}a`);
  const { status } = await application.browser().post("/sign-in", { name: "Ada", password: `${beginning}b` });
  assert.equal(status, 400);
  await signedIn(application, "Ada", `${beginning}a`);
});

/** The inputs of a page, each as its attributes. */
function inputsOf({ body }: Answer): Record<string, string | undefined>[] {
  return [...body.matchAll(/<input\b([^>]*)>/g)].map(([, text = ""]) =>
    Object.fromEntries(
      [...text.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, name = "", value]) => [name, value]),
    ),
  );
}

test("P2: password managers know what each field is, and nothing keeps them or a paste out", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  await signedUp(application, "Bob");
  await promote(application, "Ada");
  const link = await ada.post(`/admin/people/${await idOf(application, "Bob")}/reset-link`);
  const [reset = assert.fail()] = /\/reset\/[\w-]+/.exec(link.body) ?? [];
  const stranger = application.browser();
  const pages: [page: Answer, fields: string[]][] = [
    [await stranger.get("/sign-in"), ["current-password"]],
    [await stranger.get("/sign-up"), ["new-password"]],
    [await stranger.get(reset), ["new-password"]],
    [await ada.get("/confirm-identity"), ["current-password"]],
    [await ada.get("/account/password"), ["current-password", "new-password"]],
    // The same when it comes back.
    [await stranger.post("/sign-in", { name: "Ada", password: "wrong" }), ["current-password"]],
    [await stranger.post("/sign-up", { name: "Eve", password: "short" }), ["new-password"]],
    [await ada.post("/confirm-identity", { password: "wrong" }), ["current-password"]],
    [
      await ada.post("/account/password", { currentPassword: "wrong", newPassword: "short" }),
      ["current-password", "new-password"],
    ],
  ];
  for (const [page, fields] of pages) {
    const [title] = /<title>[^<]*/.exec(page.body) ?? assert.fail();
    const inputs = inputsOf(page);
    const secret = inputs.filter(({ name }) => /password/i.test(name ?? ""));
    assert.deepEqual(
      secret.map(({ autocomplete }) => autocomplete),
      fields,
      title,
    );
    for (const { type, value, maxlength, readonly, pattern } of secret)
      assert.deepEqual(
        [type, value, maxlength, readonly, pattern],
        ["password", undefined, undefined, undefined, undefined],
        title,
      );
    const names = inputs.filter(({ autocomplete }) => autocomplete === "username");
    assert.equal(names.length, 1, title);
    assert.equal(inputs.filter(({ autocomplete }) => autocomplete === "off").length, 0, title);
  }
});

test("P2: no script listens to what is pasted or typed", async (t) => {
  const application = await startApplication(t);
  const browser = application.browser();
  const [script = assert.fail()] = /\/assets\/[^"]+\.js/.exec((await browser.get("/sign-in")).body) ?? [];
  assert.doesNotMatch(
    (await browser.get(script)).body,
    /paste|keydown|keypress|beforeinput|clipboard|preventDefault\(\)[^}]*input/i,
  );
});

/** Puts a hash in the place of somebody's, behind the application's back. */
const putHash = ({ services }: Application, name: string, passwordHash: string) =>
  services.database.updateTable("people").set({ passwordHash }).where("name", "=", name).execute();

const costOf = (hash: string | null | undefined) =>
  /^\$argon2id\$v=19\$(m=\d+,t=\d+,p=\d+)\$/.exec(hash ?? "")?.[1];

/** Ways to show one's password. */
const proofs: Readonly<Record<string, (browser: Browser, password: string) => Promise<Answer>>> = {
  "a sign-in": (browser, password) => browser.post("/sign-in", { name: "Ada", password }),
  "a confirmation": (browser, password) => browser.post("/confirm-identity", { password }),
};

for (const [way, prove] of Object.entries(proofs)) {
  eachDatabase(
    `P3: ${way} raises an old hash to the effort of today, and touches nothing else`,
    async ({ url }, t) => {
      const before = await startApplication(t, { DATABASE_URL: url });
      await signedUp(before, "Ada");
      await signedUp(before, "Bob");
      const [ada, bob] = [await rowOf(before, "Ada"), await rowOf(before, "Bob")];
      assert.equal(costOf(ada?.passwordHash), "m=64,t=1,p=1");

      const after = await startApplication(t, {
        DATABASE_URL: url,
        PASSWORD_PASSES: "3",
        PASSWORD_MEMORY: "128",
      });
      // Somebody who is signed in without having shown a password to this server.
      const browser = after.browser();
      if (way === "a confirmation") {
        await signedIn(after, "Ada").then(({ cookies }) => {
          for (const [name, value] of cookies) browser.cookies.set(name, value);
        });
        await putHash(after, "Ada", ada?.passwordHash ?? "");
      }
      assert.equal((await prove(browser, "wrong")).status, 400);
      assert.equal((await rowOf(after, "Ada"))?.passwordHash, ada?.passwordHash);
      assert.equal((await prove(browser, PASSWORD)).status, 303);
      assert.equal(costOf((await rowOf(after, "Ada"))?.passwordHash), "m=128,t=3,p=1");
      assert.deepEqual(await rowOf(after, "Bob"), bob);
      await signedIn(after, "Ada");
      const raised = (await rowOf(after, "Ada"))?.passwordHash;
      await signedIn(before, "Ada");
      assert.equal((await rowOf(after, "Ada"))?.passwordHash, raised, "what is stronger than needed is kept");
    },
  );
}

test("P3: a hash is not raised over a password that is changed meanwhile", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const { passwords } = application.services;
  const chosen = await passwords.hash("nine loud umbrellas in a row");
  t.mock.method(passwords, "isOutdated", () => true);
  const hash = passwords.hash.bind(passwords);
  t.mock.method(passwords, "hash", async (password: string) => {
    await putHash(application, "Ada", chosen);
    return await hash(password);
  });
  await application.browser().post("/sign-in", { name: "Ada", password: PASSWORD });
  assert.equal((await rowOf(application, "Ada"))?.passwordHash, chosen);
});
