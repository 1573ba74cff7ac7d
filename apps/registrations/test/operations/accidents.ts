// People who register and take that back while the machines that serve them die. Each keeps account of what they were told,
// and in the end that is compared with what the database holds.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { PASSWORD } from "../support/application.ts";
import type { Browser } from "../support/browser.ts";
import type { Machines } from "./machines.ts";

const SPORTS = { basketball: "Basketball", soccer: "Soccer", "ultimate-frisbee": "Ultimate Frisbee" };
const PEOPLE = 24;

/** One who registers for sports and takes that back, one after the other, and knows what they were told. */
class Registrant {
  readonly name: string;
  readonly browser: Browser;
  readonly sports = new Set<string>();
  readonly changes = { "registration.add": 0, "registration.remove": 0 };
  readonly #forms: EventEmitter;
  #next = 0;

  /** Each answer to a form of theirs is an "answered" of `forms`. */
  constructor(name: string, browser: Browser, forms: EventEmitter) {
    this.name = name;
    this.browser = browser;
    this.#forms = forms;
  }

  async change(): Promise<void> {
    const [id = "", sport = ""] = Object.entries(SPORTS)[this.#next++ % 3] ?? [];
    if (this.sports.has(sport)) {
      await this.#takeBack(sport);
      this.sports.delete(sport);
      this.changes["registration.remove"]++;
    } else {
      await this.#register(id);
      this.sports.add(sport);
      this.changes["registration.add"]++;
    }
    assert.deepEqual([...(await this.#tickets()).keys()].sort(), [...this.sports].sort(), this.name);
  }

  async #register(sport: string): Promise<void> {
    // Whether the machine that died over it had done it makes no difference.
    while ((await this.#press("/registrations", { sport })) === 502);
  }

  async #takeBack(sport: string): Promise<void> {
    let status = 0;
    do {
      const id = (await this.#tickets()).get(sport);
      // The machine that died over it had done it, or it was done after we looked.
      if (id === undefined && status === 502) return;
      const again = await this.#press(`/registrations/${id}/take-back`);
      assert.ok(again !== 404 || status === 502, `${this.name} finds what they had`);
      status = again;
    } while (status === 502);
  }

  /** The registrations on the page, by sport. Whoever looks always gets to see them, whatever happens to a machine. */
  async #tickets(): Promise<Map<string, string>> {
    const { status, body } = await this.browser.get("/registrations");
    assert.equal(status, 200, `${this.name} looks at their registrations`);
    const links = body.matchAll(/href="\/registrations\/([^/"]+)\/take-back"[^>]*>.*?<\/a>/gs);
    return new Map(
      [...links].map(([link, id = ""]) => [
        Object.values(SPORTS).find((sport) => link.includes(sport)) ?? link,
        id,
      ]),
    );
  }

  /** The answer's status. 502 comes from nginx, when the machine died over it: then they press again. */
  async #press(path: string, fields: Record<string, string> = {}): Promise<number> {
    const { status, headers } = await this.browser.post(path, fields);
    this.#forms.emit("answered");
    assert.ok([303, 404, 502].includes(status), `${this.name} is answered ${status}`);
    if (status === 303) assert.equal(headers.location, "/registrations", `${this.name} is signed in`);
    return status;
  }
}

/**
 * People come and go through nginx while one machine is killed and started again, then the other. Throws where anybody was
 * signed out, got no page, or does not have what they were told.
 */
export async function comeAndGo(machines: Machines): Promise<void> {
  const forms = new EventEmitter();
  const people: Registrant[] = [];
  for (let number = 1; number <= PEOPLE; number++) {
    const [name, browser] = [`Person ${number}`, machines.visitor()];
    assert.equal((await browser.post("/sign-up", { name, password: PASSWORD })).status, 303);
    people.push(new Registrant(name, browser, forms));
  }
  /** Everybody makes a change, all at once; something happens while most of the forms are on their way. */
  const round = async (accident = async () => {}) => {
    const underWay = once(forms, "answered");
    await Promise.all([...people.map((person) => person.change()), underWay.then(accident)]);
  };
  for (const machine of machines.both) {
    const before = machine.answered;
    await round();
    assert.ok(machine.answered > before, "nginx leads people to both");
    await round(() => machine.kill());
    await round(() => machine.restart());
    while (machine.answered === 0) await round();
  }
  await assertKept(machines, people);
}

async function assertKept(machines: Machines, people: readonly Registrant[]): Promise<void> {
  for (const { name, browser } of people) {
    for (const machine of machines.both) {
      const { body } = await machines.at(machine, browser).get("/registrations");
      assert.ok(body.includes(name), `${name} is signed in on both`);
    }
  }
  const registered = await machines.rows(
    `select people.name, sports.name as sport from registrations
     join people on people.id = "personId" join sports on sports.id = "sportId"`,
  );
  const events = await machines.rows(
    `select "actorName" as name, action, count(*)::int as count from audit
     where action like 'registration.%' and result = 'done' group by 1, 2`,
  );
  for (const { name, sports, changes } of people) {
    const own = registered.filter((row) => row.name === name).map((row) => String(row.sport));
    assert.deepEqual(own.sort(), [...sports].sort(), `${name} has what they were told`);
    const done = events.filter((row) => row.name === name).map(({ action, count }) => [action, count]);
    const expected = Object.entries(changes).filter(([, count]) => count > 0);
    assert.deepEqual(Object.fromEntries(done), Object.fromEntries(expected), `each change of ${name}, once`);
  }
}
