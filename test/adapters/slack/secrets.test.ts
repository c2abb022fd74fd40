import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Reply, SecretOutcome } from "../../../src/chat/platform.ts";
import { createLog } from "../../../src/log.ts";
import { quiet } from "../../contract/chatHarness.ts";
import { eventually } from "../../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { KEY, secretCard, secretReply, THEN } from "../../support/secretReply.ts";
import type { Fault } from "../../support/slack/faults.ts";
import { createPerson, overSocket, type SlackPerson } from "../../support/slack/person.ts";
import { ANNA, ELSEWHERE, LOGS } from "../../support/slack/world.ts";
import { createClock } from "./clock.ts";
import { type OpenSlack, openSocketSlack } from "./harness.ts";

describe("a secret on Slack", () => {
  let core: ScriptedCore;
  let on: OpenSlack;
  let clock: ReturnType<typeof createClock>;
  let outcomes: SecretOutcome[];
  let log: string;

  async function open(callTimeoutMs = 60_000): Promise<void> {
    core = createScriptedCore();
    clock = createClock();
    log = "";
    on = await openSocketSlack(core, {
      ...{ pause: clock.pause, now: clock.now, callTimeoutMs },
      log: createLog("debug", {
        write(line) {
          log += line;
        },
      }),
    });
    const secret = secretReply();
    outcomes = secret.outcomes;
    const home: Reply = { kind: "message", visibility: "caller", card: { ...secretCard, body: [] } };
    core.answerWith(async ({ kind }) => (kind === "home" ? home : secret.reply));
  }
  beforeEach(() => open());
  afterEach(async () => {
    const { complaints } = on.server;
    await on.close();
    expect(complaints).toEqual([]);
    expect(log).not.toContain(KEY);
  });

  const told = () => eventually(async () => outcomes[0]);
  const standing = (text: string) =>
    on.server.world.messages.filter(({ blocks }) => JSON.stringify(blocks).includes(text));
  const callsWith = (text: string) =>
    on.server.calls.filter(({ args }) => JSON.stringify(args).includes(text)).map(({ method }) => method);
  const answersWith = (text: string) => on.server.answers.filter((body) => body.includes(text));
  const direct = () => on.server.world.channels.find(({ of }) => of === ANNA.id)?.id;

  async function fillForm(person: SlackPerson = on.anna): Promise<void> {
    await person.command("keys create");
    const view = await eventually(async () => on.server.world.views.at(-1));
    await person.submit(view, { name: "deploy" });
  }

  const UNSURE: Record<string, Fault> = {
    "answers with HTTP 500": { kind: "status", status: 500 },
    "answers with HTTP 408": { kind: "status", status: 408 },
    "fails by Slack's own fault": { kind: "error", code: "internal_error" },
    "breaks its connection": { kind: "dropped" },
    "loses its answer": { kind: "answer lost" },
  };
  for (const [what, fault] of Object.entries(UNSURE)) {
    test(`goes no way after a response_url that ${what}`, async () => {
      on.server.faults.next("response_url", fault);
      await on.anna.command("secret");
      expect(await told()).toBe("not known");
      await eventually(async () => standing(THEN)[0]);
      expect(answersWith(KEY)).toHaveLength(1);
      expect(callsWith(KEY)).toEqual([]);
    });

    test(`goes no way after a message in the channel that ${what}`, async () => {
      on.server.faults.next("chat.postEphemeral", fault);
      await fillForm();
      expect(await told()).toBe("not known");
      await eventually(async () => standing(THEN)[0]);
      expect(callsWith(KEY)).toEqual(["chat.postEphemeral"]);
    });
  }

  test("goes no way after one that does not answer", async () => {
    await on.close();
    await open(1_000);
    on.server.faults.next("chat.postEphemeral", { kind: "hang" });
    await fillForm();
    expect(await told()).toBe("not known");
    expect(callsWith(KEY)).toEqual(["chat.postEphemeral"]);
  });

  test("waits once for a moment where Slack asks it to", async () => {
    on.server.faults.next("chat.postEphemeral", { kind: "rate limited", retryAfterSeconds: 3 });
    await fillForm();
    expect(await told()).toBe("shown");
    expect(clock.waits).toEqual([3_000]);
    expect(standing(KEY)).toMatchObject([{ channel: LOGS.id, onlyFor: ANNA.id }]);
  });

  test("waits for no minute: it goes the next way", async () => {
    on.server.faults.next("chat.postEphemeral", { kind: "rate limited", retryAfterSeconds: 60 });
    await fillForm();
    expect(await told()).toBe("shown");
    expect(clock.waits).toEqual([]);
    expect(standing(KEY)).toMatchObject([{ channel: direct() }]);
  });

  test("comes as a direct message where the bot is not, with nothing of it in the metadata or the notification", async () => {
    await fillForm(createPerson(on.server, overSocket(on.server), { channel: ELSEWHERE.id }));
    expect(await told()).toBe("shown");
    const [message] = standing(KEY);
    expect(message).toMatchObject({ channel: direct() });
    expect(message?.text).toContain("A new key");
    expect(message?.text).not.toContain(KEY);
    expect(JSON.stringify(message?.metadata ?? "")).not.toContain(KEY);
    expect(on.server.world.messages.filter(({ onlyFor }) => onlyFor === undefined)).toHaveLength(
      standing(THEN).length + 1,
    );
  });

  test("is not shown where no conversation with the person can be opened, whatever becomes of that", async () => {
    on.server.faults.always("conversations.open", { kind: "status", status: 503 });
    await createPerson(on.server, overSocket(on.server), { channel: ELSEWHERE.id }).command("keys create");
    const view = await eventually(async () => on.server.world.views.at(-1));
    await on.anna.submit(view, { name: "deploy" });
    expect(await told()).toBe("not shown");
    expect(standing(KEY)).toEqual([]);
    on.server.faults.always("conversations.open", undefined);
  });

  test("becomes no plain text where Slack finds something wrong in its blocks", async () => {
    on.server.faults.next("response_url", { kind: "error", code: "invalid_blocks" });
    on.server.faults.next("chat.postEphemeral", { kind: "error", code: "invalid_blocks" });
    on.server.faults.next("chat.postMessage", { kind: "error", code: "invalid_blocks" });
    await on.anna.command("secret");
    expect(await told()).toBe("not shown");
    await eventually(async () => standing(THEN)[0]);
    expect(callsWith(KEY)).toEqual(["chat.postEphemeral", "chat.postMessage"]);
    expect(standing(KEY)).toEqual([]);
  });

  test("asked for in the Home tab comes as a direct message", async () => {
    await on.anna.command("keys create");
    const opened = await eventually(async () => on.server.world.views.at(-1));
    const atHome = { ...opened.view, private_metadata: JSON.stringify({ channel: "" }) };
    await on.anna.submit({ ...opened, view: atHome }, { name: "deploy" });
    expect(await told()).toBe("shown");
    expect(standing(KEY)).toMatchObject([{ channel: direct() }]);
    await quiet();
    expect(JSON.stringify([...on.server.world.homes.values()])).not.toContain(KEY);
  });

  test("on its way when the process stops is given up, and told as not known", async () => {
    on.server.faults.next("chat.postEphemeral", { kind: "hang" });
    await fillForm();
    await eventually(async () => callsWith(KEY)[0]);
    await on.slack.stop();
    expect(outcomes).toEqual(["not known"]);
    expect(callsWith(KEY)).toEqual(["chat.postEphemeral"]);
  });
});
