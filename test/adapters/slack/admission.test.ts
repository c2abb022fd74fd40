import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { types } from "@slack/bolt";
import { quiet } from "../../contract/chatHarness.ts";
import { eventually, until } from "../../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import type { Fault } from "../../support/slack/faults.ts";
import { createPerson, overSocket } from "../../support/slack/person.ts";
import { readBlocks } from "../../support/slack/shown.ts";
import { ACME, ANNA, type User } from "../../support/slack/world.ts";
import { createClock } from "./clock.ts";
import { type OpenSlack, openSocketSlack } from "./harness.ts";

const AWAY: Fault = { kind: "status", status: 503 };
const EVE: User = { id: "U0EVE0001", team: "T0OTHER01", name: "eve", isStranger: true };
const NOT_TOLD = "Slack did not say who you are";
const MINUTE_MS = 60_000;

describe("while Slack does not tell who somebody is", () => {
  let core: ScriptedCore;
  let clock: ReturnType<typeof createClock>;
  let on: OpenSlack;
  beforeEach(async () => {
    core = createScriptedCore();
    clock = createClock();
    on = await openSocketSlack(core, { pause: clock.pause, now: clock.now });
    on.server.world.users.push(EVE);
  });
  afterEach(async () => {
    const { complaints } = on.server;
    await on.close();
    expect(complaints).toEqual([]);
  });

  const told = (who: User, text: string) =>
    eventually(async () =>
      on.server.world.messages.find(
        (message) => message.onlyFor === who.id && readBlocks(message.blocks).text.includes(text),
      ),
    );
  const heard = (count: number) =>
    eventually(async () => (core.inbounds.length === count ? core.inbounds[count - 1] : undefined));

  const HOWS: Record<string, Fault> = {
    "it fails": AWAY,
    "it hangs": { kind: "hang" },
    "it answers with an error": { kind: "error", code: "fatal_error" },
  };
  for (const [how, fault] of Object.entries(HOWS)) {
    test(`a command is not done, and its person told so, where ${how}`, async () => {
      on.server.faults.next("users.info", fault);
      await on.anna.command("status");
      expect(readBlocks((await told(ANNA, NOT_TOLD)).blocks).text).toContain("Try again in a moment.");
      expect(core.inbounds).toEqual([]);
    });
  }

  test("a stranger in a shared channel is not let in by the command, which names the workspace that hears it", async () => {
    on.server.faults.next("users.info", AWAY);
    const eve = createPerson(on.server, overSocket(on.server), { user: EVE, team: ACME });
    await eve.command("status");
    await told(EVE, NOT_TOLD);
    clock.goOn(3_000);
    await eve.command("status");
    await told(EVE, "another workspace");
    expect(core.inbounds).toEqual([]);
  });

  test("a moment later they are let in", async () => {
    on.server.faults.next("users.info", AWAY);
    await on.anna.command("status");
    await told(ANNA, NOT_TOLD);
    clock.goOn(3_000);
    await on.anna.command("status");
    expect((await heard(1))?.person.platformAdmin).toBe(true);
  });

  test("an admin does not act as somebody of a lesser role", async () => {
    on.server.faults.next("users.info", AWAY);
    await on.anna.mention("status");
    await told(ANNA, NOT_TOLD);
    expect(core.inbounds).toEqual([]);
  });

  test("whom it told of within the last hour stays what they are", async () => {
    await on.anna.command("status");
    await heard(1);
    on.server.faults.always("users.info", AWAY);
    clock.goOn(55 * MINUTE_MS);
    await on.anna.command("status");
    expect((await heard(2))?.person).toMatchObject({ name: "anna", platformAdmin: true });
    clock.goOn(6 * MINUTE_MS);
    await on.anna.command("status");
    await told(ANNA, NOT_TOLD);
    expect(core.inbounds).toHaveLength(2);
  });

  test("talk in threads is left in peace", async () => {
    on.server.faults.next("users.info", AWAY);
    const root = on.anna.say("lunch?");
    await on.anna.write("at one", root.ts);
    await quiet();
    expect(core.inbounds).toEqual([]);
    expect(on.server.world.messages.filter(({ by }) => by === "bot")).toEqual([]);
  });

  test("the Home tab says so, and shows the core's page a moment later", async () => {
    const home = () =>
      readBlocks((on.server.world.homes.get(ANNA.id)?.blocks ?? []) as types.KnownBlock[]).text;
    on.server.faults.next("users.info", AWAY);
    await on.anna.openHome();
    await until(() => home().includes(NOT_TOLD));
    expect(core.inbounds).toEqual([]);
    clock.goOn(3_000);
    await on.anna.openHome();
    await until(() => home().includes("Answered"));
  });

  describe("because the scope is missing", () => {
    beforeEach(() => {
      const [team] = on.server.world.teams;
      if (team !== undefined) team.scopes = team.scopes.filter((scope) => scope !== "users:read");
    });

    test("a mention, which names their workspace, is answered, and nobody is an admin", async () => {
      await on.anna.mention("status");
      expect((await heard(1))?.person).toEqual({ id: ANNA.id, name: ANNA.id, platformAdmin: false });
    });

    test("a command, which does not, is told what is missing", async () => {
      await on.anna.command("status");
      const message = await told(ANNA, "users:read");
      expect(readBlocks(message.blocks).text).toContain("Try again once that is mended.");
      expect(core.inbounds).toEqual([]);
    });
  });
});

describe("the values that a form offers", () => {
  let core: ScriptedCore;
  let on: OpenSlack;
  beforeEach(async () => {
    core = createScriptedCore();
    core.suggestions = ["checkout"];
    on = await openSocketSlack(core);
    on.server.world.users.push(EVE);
  });
  afterEach(() => on.close());

  async function offeredTo(user: User): Promise<string[]> {
    await on.anna.command("filters save");
    const { view } = await eventually(async () => on.server.world.views.at(-1));
    const asked = { callback_id: view.callback_id ?? "", private_metadata: view.private_metadata ?? "" };
    return createPerson(on.server, overSocket(on.server), { user, team: ACME }).offered(
      asked,
      "service",
      "check",
    );
  }

  test("are for people of the workspace, whose roles the core is told", async () => {
    expect(await offeredTo(ANNA)).toEqual(["checkout", "check"]);
    expect(core.asks[0]?.person.platformAdmin).toBe(true);
  });

  test("are none for a stranger, and the core is not asked", async () => {
    expect(await offeredTo(EVE)).toEqual([]);
    expect(core.asks).toEqual([]);
  });

  test("are none for whom Slack does not tell about", async () => {
    const ben = on.server.world.users.find(({ name }) => name === "ben") as User;
    await on.anna.command("filters save");
    await eventually(async () => on.server.world.views.at(-1));
    on.server.faults.always("users.info", AWAY);
    expect(await offeredTo(ben)).toEqual([]);
    expect(core.asks).toEqual([]);
  });
});
