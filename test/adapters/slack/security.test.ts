import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { button, type Card } from "../../../src/chat/card.ts";
import type { Reply } from "../../../src/chat/platform.ts";
import { quiet, sentOf } from "../../contract/chatHarness.ts";
import { eventually } from "../../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { createMemoryInstallations } from "../../support/slack/memory.ts";
import { createPerson, overHttp, overSocket, signed } from "../../support/slack/person.ts";
import { ACME, ALL_SCOPES, LOGS, type StoredMessage, type User } from "../../support/slack/world.ts";
import { type OpenSlack, openHttpSlack, openSocketSlack } from "./harness.ts";

const answer: Reply = {
  kind: "message",
  visibility: "channel",
  card: { title: "The answer", tone: "neutral", body: [] },
};
const BODY = new URLSearchParams({
  command: "/loghunter",
  text: "status",
  team_id: ACME.id,
  channel_id: LOGS.id,
  user_id: "U0ANNA001",
  trigger_id: "trigger-1",
}).toString();

describe("Slack's requests over HTTP", () => {
  let core: ScriptedCore;
  let on: OpenSlack;
  beforeEach(async () => {
    core = createScriptedCore();
    core.answer(answer);
    on = await openHttpSlack(core);
  });
  afterEach(() => on.close());

  const send = (headers: Record<string, string>, body = BODY) =>
    fetch(`${on.url}/slack/events`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      body,
    });

  test("are taken where they are signed, which the refusals below would not be otherwise", async () => {
    expect((await send(signed(BODY))).status).toBe(200);
    await eventually(async () => core.inbounds[0]);
  });

  const FORGED: Record<string, () => [Record<string, string>, string?]> = {
    "without a signature": () => [{}],
    "signed with another secret": () => [signed(BODY, { secret: "a guess" })],
    "signed for another body": () => [signed(`${BODY}&x=1`)],
    "whose body was changed": () => [signed(BODY), BODY.replace("status", "secret")],
    "with a signature that is cut": () => {
      const headers = signed(BODY);
      return [{ ...headers, "x-slack-signature": headers["x-slack-signature"]?.slice(0, -2) ?? "" }];
    },
    "that are six minutes old": () => [signed(BODY, { skewSeconds: -360 })],
    "that are dated six minutes ahead": () => [signed(BODY, { skewSeconds: 360 })],
    "whose time is no number": () => [{ ...signed(BODY), "x-slack-request-timestamp": "soon" }],
  };
  for (const [what, forge] of Object.entries(FORGED)) {
    test(`${what} are refused, and nothing is done`, async () => {
      const [headers, body] = forge();
      expect((await send(headers, body)).status).toBe(401);
      await quiet();
      expect(core.inbounds).toEqual([]);
    });
  }

  test("that are larger than any of Slack's are refused", async () => {
    const body = `${BODY}&filler=${"x".repeat(1_100_000)}`;
    expect((await send(signed(body), body)).status).toBe(413);
  });

  test("that nobody has a place for are answered, and end nothing", async () => {
    for (const path of ["/slack/", "/slack/nothing", "/slack/events", "/slack/%"]) {
      const response = await fetch(`${on.url}${path}`);
      expect(response.status).toBe(404);
    }
    expect((await send(signed("nonsense"), "nonsense")).status).toBe(404);
    const oddities = ['{"type":"block_actions"}', "{}", "[]", '"x"'].map((payload) => {
      const body = new URLSearchParams({ payload }).toString();
      return send(signed(body), body);
    });
    for (const response of await Promise.all(oddities)) expect(response.status).toBeLessThan(500);
    expect((await send(signed(BODY))).status).toBe(200);
  });
});

describe("people whom Slack lets act, and LogHunter does not", () => {
  let core: ScriptedCore;
  let on: OpenSlack;
  beforeEach(async () => {
    core = createScriptedCore();
    core.answer(answer);
  });
  afterEach(() => on.close());

  const EVE: User = { id: "U0EVE0001", team: "T0OTHER01", name: "eve", isStranger: true };
  const bots = () => on.server.world.messages.filter(({ by }) => by === "bot");
  const toldEve = () =>
    eventually(async () =>
      bots().find((m) => m.onlyFor === EVE.id && JSON.stringify(m).includes("another workspace")),
    );

  /** A message with the button Go, posted to the channel. */
  const withButton = async (): Promise<StoredMessage> => {
    const card: Card = {
      title: "Press",
      tone: "neutral",
      body: [],
      actions: [button("Go", { name: "test.go", subject: "1" })],
    };
    const place = { platform: "slack", workspace: ACME.id, channel: LOGS.id };
    const ref = sentOf(await on.slack.post(place, card, { deliveryId: "d1" }));
    return on.server.world.message(LOGS.id, ref.id) as StoredMessage;
  };

  for (const [mode, open, carrier] of [
    ["Socket Mode", openSocketSlack, () => overSocket(on.server)],
    ["HTTP", openHttpSlack, () => overHttp(on.url)],
  ] as const) {
    describe(`in ${mode}`, () => {
      beforeEach(async () => {
        on = await open(core);
        on.server.world.users.push(EVE);
      });
      const eve = (team: { id: string } = ACME) => createPerson(on.server, carrier(), { user: EVE, team });

      test("somebody of another workspace in a shared channel mentions it: they are told so, and it goes no further", async () => {
        await eve().mention("status");
        await toldEve();
        expect(core.inbounds).toEqual([]);
      });

      test("they press a button", async () => {
        await eve().press(await withButton(), "Go");
        await toldEve();
        expect(core.inbounds).toEqual([]);
        expect(core.inbounds).toEqual([]);
      });

      test("they have a message explained", async () => {
        await eve().explain(on.anna.say("ERROR"));
        await toldEve();
        expect(core.inbounds).toEqual([]);
      });

      test("they type the command, which names their own workspace", async () => {
        await eve({ id: EVE.team }).command("status");
        await toldEve();
        expect(core.inbounds).toEqual([]);
      });

      test("they write in a thread: people talking are left in peace", async () => {
        const root = on.anna.say("a root");
        await eve().write("hello", root.ts);
        await quiet();
        expect(core.inbounds).toEqual([]);
        expect(bots()).toEqual([]);
      });

      test("a payload that leaves their workspace out is not believed where Slack knows it", async () => {
        const { id, team, name } = EVE;
        const unnamed = createPerson(on.server, carrier(), {
          user: { id, name, team: undefined as unknown as string },
        });
        expect(team).toBe("T0OTHER01");
        await unnamed.mention("status");
        await toldEve();
        expect(core.inbounds).toEqual([]);
      });

      test("the name of another workspace in a payload does not open that one", async () => {
        const other = createPerson(on.server, carrier(), { team: { id: "T0FORGED1" } });
        await other.command("status");
        await other.mention("status");
        await quiet();
        expect(core.inbounds).toEqual([]);
      });

      test("a button's value is taken for what it is, and nothing else is", async () => {
        const message = await withButton();
        for (const value of ["", "no colon", "UPPER:1", `test.go:${"x".repeat(200)}`]) {
          await on.anna.press(message, "Go", { value });
        }
        await eventually(async () =>
          bots().filter((m) => JSON.stringify(m).includes("another version")).length === 4 ? true : undefined,
        );
        expect(core.inbounds).toEqual([]);
      });
    });
  }

  test("two workspaces are kept apart: each is answered with its own token", async () => {
    const installations = createMemoryInstallations();
    on = await openHttpSlack(core, { installations });
    const globex = { id: "T0GLOBEX1", name: "Globex", token: "xoxb-globex", scopes: ALL_SCOPES };
    on.server.world.teams.push(globex);
    const gus: User = { id: "U0GUS0001", team: globex.id, name: "gus" };
    on.server.world.users.push(gus);
    const bot = { token: globex.token, scopes: [], id: "B0BOT0001", userId: "U0BOT0001" };
    const secret = {
      team: { id: globex.id, name: "Globex" },
      bot,
      user: { id: gus.id },
      isEnterpriseInstall: false,
      authVersion: "v2",
    };
    await installations.save("slack", globex.id, {
      workspaceName: "Globex",
      installedBy: gus.id,
      secret: JSON.stringify(secret),
    });

    await createPerson(on.server, overHttp(on.url), { user: gus, team: globex }).command("status");
    await on.anna.command("status");
    await eventually(async () => (core.inbounds.length === 2 ? true : undefined));
    expect(core.inbounds.map(({ place, person }) => [place.workspace, person.id]).sort()).toEqual([
      [ACME.id, "U0ANNA001"],
      [globex.id, gus.id],
    ]);
    const tokens = await eventually(async () => {
      const posts = on.server.calls.filter(({ method }) => method === "chat.postMessage");
      return posts.length === 2 ? posts.map(({ token }) => token).sort() : undefined;
    });
    expect(tokens).toEqual([ACME.token, globex.token].sort());
  });
});
