import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { createActions } from "../../src/actions/index.ts";
import type { CommandDefinition, Role } from "../../src/chat/command.ts";
import type { Inbound, Person, Place } from "../../src/chat/platform.ts";
import { mayAct } from "../../src/tenancy/members.ts";
import { createLinesSource, lineAt } from "../support/linesSource.ts";
import { dumpTenant } from "../support/tenants.ts";
import { openTestApp, type TestApp } from "../support/testApp.ts";

let t: TestApp;
let db: pg.Client;
let tenantId: string;

const place: Place = { platform: "recording", workspace: "T1", channel: "general" };
/** Of the same workspace, by what an admin gave them: a guest has nothing. */
const PEOPLE: { role: Role | undefined; person: Person }[] = [
  { role: undefined, person: { id: "guest", name: "Guy", platformAdmin: false, guest: true } },
  { role: "viewer", person: { id: "viewer", name: "Vic", platformAdmin: false } },
  { role: "responder", person: { id: "anybody", name: "Any", platformAdmin: false } },
];
const REFUSED = /Guests of this workspace see no logs|, and you are a (?:viewer|responder)\. Ask an admin/;

beforeAll(async () => {
  t = await openTestApp({ logs: createLinesSource([lineAt(Date.now() - 60_000, "no stock")]) });
  await t.chat.type("members role viewer viewer", { id: "boss", platformAdmin: true });
  db = new pg.Client({ connectionString: t.databaseUrl });
  await db.connect();
  const { rows } = await db.query<{ id: string }>("select id from tenants");
  tenantId = rows[0]?.id ?? "";
});
afterAll(async () => {
  await db?.end();
  await t?.close();
});

/** All of the organisation's rows but the notes that somebody tried. */
async function rows(): Promise<unknown> {
  const { audit_entries: _, ...others } = await dumpTenant(db, tenantId);
  return others;
}

const act = (what: object, person: Person) => ({ id: randomUUID(), place, person, ...what }) as unknown;

async function answerTo(inbound: unknown): Promise<string> {
  return JSON.stringify(await t.app.core.handle(inbound as Inbound));
}

/** With a value for all that it requires. */
function callOf({ name, examples, formOnly, options }: CommandDefinition) {
  if (formOnly !== true) return { text: (examples[0] ?? name).replace("@ann", "<@boss|boss>") };
  const values = options
    .filter(({ required }) => required)
    .map((option) => [option.name, option.choices?.[0] ?? "x"]);
  return { name, options: Object.fromEntries(values), whole: true };
}

describe.each(PEOPLE)("somebody whose role is $role", ({ role, person }) => {
  test("is refused each command that their role does not include, in its form too, and changes nothing", async () => {
    const forbidden = t.app.core.catalogue.filter((command) => !mayAct(role, command.role));
    expect(forbidden.length).toBeGreaterThan(15);
    const before = await rows();
    for (const definition of forbidden as readonly CommandDefinition[]) {
      const call = callOf(definition);
      expect([definition.name, await answerTo(act({ kind: "command", call }, person))]).toEqual([
        definition.name,
        expect.stringMatching(REFUSED),
      ]);
      const opened = await t.app.core.form(
        act({ kind: "command", call: { name: definition.name, options: {} } }, person) as never,
      );
      expect([definition.name, JSON.stringify(opened)]).toEqual([
        definition.name,
        expect.stringMatching(REFUSED),
      ]);
    }
    expect(await rows()).toEqual(before);
  });

  test("is refused each button that their role does not include, whoever it was shown to", async () => {
    const before = await rows();
    const message = { place, id: "m1" };
    for (const action of createActions({} as never)) {
      if (action.opens === "form" || mayAct(role, action.role)) continue;
      const press = act(
        { kind: "press", action: { name: action.name, subject: randomUUID() }, message },
        person,
      );
      expect([action.name, await answerTo(press)]).toEqual([action.name, expect.stringMatching(REFUSED)]);
    }
    expect(await rows()).toEqual(before);
  });
});

test("a guest is offered no service, no namespace and no filter while they type", async () => {
  const guest = PEOPLE[0]?.person as Person;
  for (const { name, options } of t.app.core.catalogue)
    for (const option of options.filter(({ kind }) => ["service", "namespace", "filter"].includes(kind))) {
      const ask = { place, command: name, option: option.name, typed: "" };
      expect(await t.app.core.suggest({ ...ask, person: guest })).toEqual([]);
    }
  // Which others are.
  const ask = {
    place,
    command: "analyze",
    option: "service",
    typed: "",
    person: PEOPLE[1]?.person as Person,
  };
  expect(await t.app.core.suggest(ask)).toEqual(["checkout"]);
});
