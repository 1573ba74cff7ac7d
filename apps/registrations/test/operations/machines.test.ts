// Two machines behind one proxy, with each kind of server that sessions can be in: what happens on one has happened on
// the other, and either may die without anybody noticing more than a button that has to be pressed again.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PASSWORD } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";
import { comeAndGo } from "./accidents.ts";
import { type Machine, Machines, skipWithout, skipWithoutServers } from "./machines.ts";
import { ENGINES, type Engine } from "./servers.ts";

const ANOTHER = "eleven loud drums in a barn";

const isSignIn = ({ status, headers }: Answer) =>
  status === 303 && headers.location?.startsWith("/sign-in") === true;

/** The people of one trial, and the administrator among them. */
class Trial {
  readonly machines: Machines;
  readonly administrator: Browser;

  private constructor(machines: Machines, administrator: Browser) {
    this.machines = machines;
    this.administrator = administrator;
  }

  static async start(t: TestContext, engine: Engine): Promise<Trial> {
    const machines = await Machines.start(t, engine);
    const trial = new Trial(machines, machines.visitor());
    await t.test("of the links that both printed, one makes the first administrator", () => trial.#begin());
    return trial;
  }

  async #begin(): Promise<void> {
    const { machines, administrator } = this;
    const [one, other] = machines.both;
    assert.notEqual(one.firstLink, other.firstLink);
    const crossed = [
      { name: "Ada", browser: machines.at(other), link: one.firstLink },
      { name: "Barbara", browser: machines.at(one), link: other.firstLink },
    ];
    const answers = await Promise.all(
      crossed.map(({ name, browser, link }) => browser.post(link, { name, newPassword: PASSWORD })),
    );
    const first = answers.findIndex(({ status }) => status === 303);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 404]);
    for (const [name, value] of crossed[first]?.browser.cookies ?? []) administrator.cookies.set(name, value);
    for (const { status } of await this.onBoth(administrator, "/admin")) assert.equal(status, 200);
  }

  async idOf(name: string): Promise<string> {
    const [row] = await this.machines.rows("select id from people where name = $1", [name]);
    return String(row?.id);
  }

  signedUp(name: string, machine: Machine): Promise<Browser> {
    return this.#entered("/sign-up", name, machine);
  }

  signedIn(name: string, machine: Machine): Promise<Browser> {
    return this.#entered("/sign-in", name, machine);
  }

  async #entered(path: string, name: string, machine: Machine): Promise<Browser> {
    const browser = this.machines.at(machine);
    assert.equal((await browser.post(path, { name, password: PASSWORD })).status, 303);
    return browser;
  }

  /** Both are asked, each with the cookies that the browser has. */
  onBoth(browser: Browser, path: string): Promise<Answer[]> {
    return Promise.all(this.machines.both.map((machine) => this.machines.at(machine, browser).get(path)));
  }
}

for (const engine of ENGINES) {
  test(`two machines, with sessions in ${engine}`, {
    skip: skipWithoutServers || (await skipWithout(engine)),
  }, async (t) => {
    const trial = await Trial.start(t, engine);
    const { machines, administrator } = trial;
    const [one, other] = machines.both;

    await t.test("a device ended on one is out at its very next request to the other", async () => {
      const laptop = await trial.signedUp("Grace", one);
      const phone = await trial.signedIn("Grace", other);
      const { body } = await laptop.get("/account");
      const [, end = ""] = /action="(\/account\/devices\/[^"]+\/end)"/.exec(body) ?? [];
      assert.equal((await phone.get("/registrations")).status, 200);
      assert.equal((await laptop.post(end)).status, 303);
      assert.ok(isSignIn(await machines.at(other, phone).get("/registrations")));
      assert.ok(isSignIn(await machines.at(one, phone).get("/registrations")));
      for (const { status } of await trial.onBoth(laptop, "/registrations")) assert.equal(status, 200);
    });

    await t.test("sessions ended in the back office of one are dead on both", async () => {
      const browsers = [await trial.signedUp("Katherine", one), await trial.signedIn("Katherine", other)];
      if (engine !== "memcached") {
        for (const { body } of await trial.onBoth(administrator, "/admin/sessions"))
          assert.match(body, /Katherine/);
      }
      for (const { status } of await trial.onBoth(administrator, "/admin/sessions?cursor=made%20up"))
        assert.equal(status, 200);
      const path = `/admin/people/${await trial.idOf("Katherine")}/sessions/end`;
      assert.equal((await machines.at(one, administrator).post(path)).status, 303);
      for (const browser of browsers)
        assert.ok((await trial.onBoth(browser, "/registrations")).every((answer) => isSignIn(answer)));
    });

    await t.test("one is killed and started again, then the other: nobody and nothing is lost", async () => {
      await comeAndGo(machines);
    });
  });
}

test("two machines share what they count, what they ask once, and who may do what", {
  skip: skipWithoutServers || (await skipWithout("redis")),
}, async (t) => {
  const trial = await Trial.start(t, "redis");
  const { machines, administrator } = trial;
  const [one, other] = machines.both;

  await t.test("a demotion on one counts on the other at once", async () => {
    const alan = await trial.signedUp("Alan", one);
    const person = `/admin/people/${await trial.idOf("Alan")}`;
    assert.equal((await machines.at(other, administrator).post(`${person}/promote`)).status, 303);
    for (const { status } of await trial.onBoth(alan, "/admin")) assert.equal(status, 200);
    assert.equal((await machines.at(other, administrator).post(`${person}/demote`)).status, 303);
    for (const { status } of await trial.onBoth(alan, "/admin")) assert.equal(status, 403);
  });

  await t.test("guesses count together, wherever they are made", async () => {
    await trial.signedUp("Edsger", one);
    const guesses = Array.from({ length: 12 }, (_, index) =>
      machines
        .at(index % 2 === 0 ? one : other)
        .post("/sign-in", { name: "Edsger", password: "one guess of many more" }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...Array(5).fill(400), ...Array(7).fill(429)]);
  });

  await t.test("a one-time link works once, on one of them", async () => {
    await trial.signedUp("Donald", other);
    const page = await machines
      .at(one, administrator)
      .post(`/admin/people/${await trial.idOf("Donald")}/reset-link`);
    const [, path = ""] = /(\/reset\/[\w-]+)<\/code>/.exec(page.body) ?? [];
    const chosen = [ANOTHER, `${ANOTHER} door`];
    const answers = await Promise.all(
      machines.both.map((machine, index) =>
        machines.at(machine).post(path, { newPassword: chosen[index] ?? "" }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 404]);
    const entered = await Promise.all(
      chosen.map((password) => machines.at(one).post("/sign-in", { name: "Donald", password })),
    );
    assert.deepEqual(
      entered.map(({ status }) => status === 303),
      answers.map(({ status }) => status === 303),
    );
  });
});
