import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { types } from "@slack/bolt";
import { button, type Card } from "../../../src/chat/card.ts";
import type { Reply } from "../../../src/chat/platform.ts";
import { sentOf } from "../../contract/chatHarness.ts";
import { eventually } from "../../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { readBlocks } from "../../support/slack/shown.ts";
import { ACME, ALL_SCOPES, ANNA, LOGS, type StoredMessage } from "../../support/slack/world.ts";
import { createClock } from "./clock.ts";
import { type OpenSlack, openSocketSlack } from "./harness.ts";

const LINES = Array.from({ length: 400 }, (_, at) => `line ${at} ${"x".repeat(60)}`);
const LONG: Card = { title: "Long", tone: "neutral", body: [{ kind: "log", lines: LINES }] };
const toCaller = (card: Card): Reply => ({ kind: "message", visibility: "caller", card });

describe("an answer that is too long for Slack", () => {
  let core: ScriptedCore;
  let on: OpenSlack;
  beforeEach(async () => {
    core = createScriptedCore();
    const clock = createClock();
    on = await openSocketSlack(core, { pause: clock.pause, now: clock.now });
  });
  afterEach(async () => {
    const { complaints } = on.server;
    await on.close();
    expect(complaints).toEqual([]);
  });

  const place = { platform: "slack", workspace: ACME.id, channel: LOGS.id };
  const read = (message: StoredMessage) => readBlocks(message.blocks).text;
  const shown = (text: string) =>
    eventually(async () => on.server.world.messages.find((message) => read(message).includes(text)));
  const directly = () => on.server.world.channels.find((channel) => channel.of === ANNA.id)?.id;
  /** The messages that hold a file, each with the file's text. */
  const shares = () =>
    on.server.world.messages.flatMap(({ channel, thread, files }) =>
      files.map((id) => {
        const file = on.server.world.files.get(id);
        return { channel, thread, name: file?.name, text: new TextDecoder().decode(file?.bytes) };
      }),
    );
  const withoutFiles = () => {
    const [team] = on.server.world.teams;
    if (team !== undefined) team.scopes = ALL_SCOPES.filter((scope) => scope !== "files:write");
  };

  test("and that only its reader sees brings the whole as a direct message, and says so", async () => {
    core.answer(toCaller(LONG));
    await on.anna.command("secret");
    expect(await shown("direct messages with LogHunter")).toMatchObject({ onlyFor: ANNA.id });
    expect(shares()).toMatchObject([{ channel: directly(), name: "details.txt" }]);
    expect(shares()[0]?.text).toContain(LINES.at(-1));
  });

  test("does so once, however often the answer itself is tried", async () => {
    on.server.faults.next("response_url", { kind: "status", status: 500 });
    core.answer(toCaller(LONG));
    await on.anna.command("secret");
    await shown("direct messages with LogHunter");
    expect(shares()).toHaveLength(1);
  });

  test("does so too where it comes in the place of what was pressed", async () => {
    const card: Card = { ...LONG, body: [], actions: [button("Go", { name: "test.go", subject: "1" })] };
    core.answer(toCaller(card));
    await on.anna.command("secret");
    const pressed = await eventually(async () => on.server.world.messages[0]);
    core.answer({ kind: "replace", card: LONG });
    await on.anna.press(pressed, "Go");
    await shown("direct messages with LogHunter");
    expect(shares()).toMatchObject([{ channel: directly(), name: "details.txt" }]);
  });

  test("promises no file where none could be shared: to one person, or to all", async () => {
    withoutFiles();
    core.answer(toCaller(LONG));
    await on.anna.command("secret");
    expect(read(await shown("could not be shared"))).not.toContain("direct messages");
    const message = sentOf(await on.slack.post(place, LONG, { deliveryId: "d1" }));
    const posted = on.server.world.message(LOGS.id, message.id) as StoredMessage;
    expect(read(posted)).toContain("could not be shared");
    expect(read(posted)).not.toContain("in the thread");
  });

  test("and that everybody sees has the whole in its thread, and says so", async () => {
    const message = sentOf(await on.slack.post(place, LONG, { deliveryId: "d1" }));
    expect(read(await shown("in the thread"))).not.toContain("direct messages");
    expect(shares()).toMatchObject([{ channel: LOGS.id, thread: message.id }]);
  });

  test("promises no file in the Home tab, where there is none: it names the commands that show all", async () => {
    core.answer(toCaller(LONG));
    await on.anna.openHome();
    const home = await eventually(async () => on.server.world.homes.get(ANNA.id));
    const text = readBlocks(home.blocks as types.KnownBlock[]).text;
    expect(text).toContain("Shortened here: /loghunter status and /loghunter anomalies show all.");
    expect(text).not.toContain("file");
    expect(shares()).toEqual([]);
  });
});
