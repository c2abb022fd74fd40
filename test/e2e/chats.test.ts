import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Loopback, openLoopback, TOKEN } from "../support/discord/loopback.ts";
import { type Ana, createAna } from "../support/discord/people.ts";
import { type SeenMessage, see, standingIn } from "../support/discord/seen.ts";
import { eventually } from "../support/eventually.ts";
import { endPrograms, makeStateDirectory, type Program, startProgram } from "../support/program.ts";
import { createPerson, overSocket, type SlackPerson } from "../support/slack/person.ts";
import { APP_TOKEN, openSlackServer, type SlackServer } from "../support/slack/server.ts";
import { readBlocks } from "../support/slack/shown.ts";
import { ACME, LOGS, type StoredMessage } from "../support/slack/world.ts";

/** https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags */
const ADMINISTRATOR = 0x8n;

/** LogHunter as a user starts it, in Slack and in Discord at once, over real sockets. */
let slack: SlackServer;
let anna: SlackPerson;
let discord: Loopback;
let ana: Ana;
let stateDirectory: string;
let program: Program;

beforeAll(async () => {
  slack = await openSlackServer();
  anna = createPerson(slack, overSocket(slack));
  discord = await openLoopback({ contentGranted: false });
  ana = createAna(discord, { readsContent: false });
  discord.world.anaPermissions = ADMINISTRATOR;
  stateDirectory = await makeStateDirectory();
  await start();
});
afterAll(async () => {
  await endPrograms();
  await Promise.all([slack.close(), discord.close()]);
  await rm(stateDirectory, { recursive: true, force: true });
});

async function start(): Promise<void> {
  program = await startProgram({
    STATE_DIR: stateDirectory,
    SLACK_BOT_TOKEN: ACME.token,
    SLACK_APP_TOKEN: APP_TOKEN,
    SLACK_API_URL: slack.apiUrl,
    DISCORD_TOKEN: TOKEN,
    DISCORD_API_URL: discord.apiUrl,
    HTTP_PORT: "0",
  });
}

const read = (message: StoredMessage) =>
  message.blocks.length > 0 ? readBlocks(message.blocks).text : message.text;
const wait = <T>(what: string, look: () => T | undefined) =>
  eventually(look, () => `${what}; it printed:\n${program.output()}`);
const onSlack = (what: RegExp) =>
  wait(`message like ${what} on Slack`, () =>
    slack.world.messages.findLast((message) => message.by === "bot" && what.test(read(message))),
  );
const seen = (): SeenMessage[] =>
  standingIn(discord.world, discord.world.channel).map((kept) => see(discord.world, kept));
const onDiscord = (what: RegExp) =>
  wait(`message like ${what} on Discord`, () =>
    seen().findLast((message) => message.by === "bot" && what.test(message.text)),
  );

test("Prometheus reads what was sent and scanned at HTTP_PORT", async () => {
  const port = /HTTP +127\.0\.0\.1:(\d+), for .*\/metrics/.exec(program.output())?.[1];
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(text).toMatch(/^loghunter_oldest_unsent_seconds 0$/m);
  expect(text).toMatch(/^loghunter_scans_total\{outcome="done"\} \d+$/m);
});

describe("Slack", () => {
  test("two tokens and go: the workspace sees the operator's organisation, and the start says so", async () => {
    expect(program.output()).toMatch(/Slack +Connected to Acme on Slack\./);
    expect(program.output()).not.toContain(ACME.token);
    await anna.command("status");
    const status = read(await onSlack(/Organisation/));
    expect(status).toMatch(/Organisation\W+local/);
    expect(status).toContain("OK");
  });

  test("a root cause with its chart, asked about in its thread, its lines a press away", async () => {
    await anna.command("analyze checkout");
    const answer = await onSlack(/LIKELY CAUSE/);
    const shown = readBlocks(answer.blocks);
    expect(shown.pictures).toHaveLength(1);
    const { bytes } = slack.world.files.get(shown.pictures[0]?.file ?? "") ?? { bytes: new Uint8Array() };
    expect(bytes.byteLength).toBeGreaterThan(10_000);
    expect(slack.world.messages.filter((message) => /looking for the cause/.test(read(message)))).toEqual([]);

    await anna.write("when did it start?", answer.ts);
    const reply = await wait("reply", () =>
      slack.world.messages.findLast(
        ({ thread, by, text }) => thread === answer.ts && by === "bot" && text !== "",
      ),
    );
    expect(read(reply)).toMatch(/began|since|started/i);
    await anna.press(answer, "Show lines");
    const lines = await onSlack(/orders-db: warnings and errors/);
    expect(lines.thread).toBe(answer.ts);
  });

  test("alerts are set up, and their test arrives", async () => {
    await anna.command("channel alerts");
    await onSlack(/Alerts are posted to the channel/);
    await anna.command("channel test");
    await onSlack(/The test alert arrived/);
    expect((await onSlack(/Test alert: nothing is wrong/)).channel).toBe(LOGS.id);
  });

  test("kill -9 in the middle of an analysis: one answer, on the message that was shown", async () => {
    const before = slack.world.messages.length;
    await anna.command("analyze report-api");
    await onSlack(/report-api: looking for the cause/).catch(() => undefined);
    await program.end("SIGKILL");
    await start();
    await onSlack(/report-api: (likely|possible|no) cause/);
    const about = slack.world.messages.slice(before).filter((message) => /report-api/.test(read(message)));
    expect(about.map((message) => message.by)).toEqual(["bot"]);
  });
});

describe("Discord", () => {
  test("a server sees nothing before somebody who does lets it in", async () => {
    ana.slash("status", {});
    await onDiscord(/This server sees no logs yet/);
    ana.slash("connect", { org: "local" });
    await onDiscord(/Joining local needs a code/);
    await anna.command("tenant invite");
    const invitation = await onSlack(/Invitation to local/);
    expect(invitation.onlyFor).toBeDefined();
    const code = /code:([A-Z0-9-]+)/.exec(read(invitation))?.[1] as string;
    ana.slash("connect", { org: "local", code });
    await onDiscord(/Connected to local/);
    // Who asks in one place is told of all of them.
    await anna.command("status");
    await onSlack(/Connected to Acme on Slack[\s\S]*Connected to Discord/);
  });

  test("a root cause with its chart, a thread to ask in by mention, and its lines a press away", async () => {
    const { choices } = await wait("suggestion", () => {
      const { asked } = ana.type("analyze", { service: "check" }, "service");
      return asked;
    }).then((asked) => wait("choices", () => (asked.choices === undefined ? undefined : asked)));
    expect(choices?.map(({ value }) => value)).toContain("checkout");
    ana.slash("analyze", { service: "checkout", since: "45m" });
    const answer = await onDiscord(/LIKELY CAUSE/);
    expect(answer.pictures).toHaveLength(1);
    // The thread is opened once the answer stands.
    await wait("thread", () => discord.world.channels.get(answer.id));
    ana.write(answer.id, `<@${discord.world.bot.id}> how sure are you?`);
    const reply = await wait("reply", () =>
      seen().findLast(
        ({ channel, by, text }) => channel === answer.id && by === "bot" && /confiden|sure/i.test(text),
      ),
    );
    expect(reply.seenBy).toBe("everybody");
    ana.pressLabelled(answer.id, "Show lines");
    expect((await onDiscord(/orders-db: warnings and errors/)).channel).toBe(answer.id);
  });

  test("alerts are set up in it too, and one test reaches both platforms", async () => {
    ana.slash("channel alerts", {});
    await onDiscord(/Alerts are posted to the channel/);
    const before = slack.world.messages.filter((message) => /Test alert/.test(read(message))).length;
    ana.slash("channel test", {});
    const told = await onDiscord(/The test alert arrived/);
    expect(told.seenBy).toBe("caller");
    await onDiscord(/Test alert: nothing is wrong/);
    expect(slack.world.messages.filter((message) => /Test alert/.test(read(message)))).toHaveLength(
      before + 1,
    );
  });

  test("what one platform keeps, the other has: they share the organisation", async () => {
    ana.slash("filters save", { name: "slow", service: "checkout", keywords: "timeout" });
    await onDiscord(/Filter slow saved/);
    await anna.command("filters list");
    await onSlack(/1 saved filter[\s\S]*slow/);
  });
});

test("no rule of either platform was broken, and nothing was written but what they allow", () => {
  expect(slack.complaints).toEqual([]);
  expect(discord.complaints).toEqual([]);
});
