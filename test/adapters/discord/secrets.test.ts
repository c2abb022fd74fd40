import { describe, expect, test } from "@jest/globals";
import type { Secret } from "../../../src/chat/platform.ts";
import { createLog } from "../../../src/log.ts";
import { quiet } from "../../contract/chatHarness.ts";
import { type Fault, rateLimited, refusedWith } from "../../support/discord/faults.ts";
import { eventually } from "../../support/eventually.ts";
import { KEY, secretReply, THEN } from "../../support/secretReply.ts";
import { eachOpens, pressable } from "./open.ts";

const ORIGINAL = /^PATCH \/webhooks\/.*@original$/;
const FOLLOW_UP = /^POST \/webhooks\//;
const REMOVAL = /^DELETE \/webhooks\//;
const DIRECT = /^POST \/channels\/\d+\/messages$/;
const open = eachOpens();

/** The core answers with a secret, and whatever is written down anywhere is held against it. */
async function openWithSecret(waits = {}) {
  let log = "";
  const on = await open({
    options: {
      log: createLog("debug", {
        write(line) {
          log += line;
        },
      }),
      waits: { pauseMs: 20, longestPauseMs: 100, stopMs: 50, ...waits },
    },
  });
  const { reply, outcomes } = secretReply();
  on.core.answer(reply);
  const told = () => eventually(async () => outcomes[0]);
  const holding = (text: string) => on.bots().filter((message) => message.text.includes(text));
  const sentWith = (text: string) =>
    on.loopback.requests
      .filter(({ body }) => JSON.stringify(body).includes(text))
      .map(({ method, path }) => `${method} ${path}`);
  const expectNoneWritten = () => expect(log).not.toContain(KEY);
  return { ...on, outcomes, told, holding, sentWith, expectNoneWritten };
}

describe("A secret on Discord", () => {
  const unsure: [string, Fault][] = [
    ["a failure of Discord's", refusedWith(500, 0)],
    [
      "a proxy that waits no longer",
      { kind: "answer", status: 408, headers: { "content-type": "text/html" } },
    ],
    ["a broken connection", { kind: "cut" }],
    ["a lost answer", { kind: "lost answer" }],
  ];
  test.each(unsure)("goes no way after %s", async (_, fault) => {
    const { ana, loopback, told, holding, sentWith, expectNoneWritten } = await openWithSecret();
    loopback.faults.order(ORIGINAL, fault);
    ana.slash("secret", {});
    expect(await told()).toBe("not known");
    await eventually(async () => holding(THEN)[0]);
    expect(sentWith(KEY)).toEqual([expect.stringMatching(ORIGINAL)]);
    expectNoneWritten();
  });

  test("goes no way after one that does not answer", async () => {
    const { ana, loopback, told, sentWith } = await openWithSecret({ requestMs: 100 });
    loopback.faults.order(ORIGINAL, { kind: "hang" });
    ana.slash("secret", {});
    expect(await told()).toBe("not known");
    expect(sentWith(KEY)).toHaveLength(1);
  });

  test("is not overwritten by what is said after it, whether or not it is known to stand there", async () => {
    const { ana, loopback, told, holding } = await openWithSecret();
    loopback.faults.order(ORIGINAL, { kind: "lost answer" });
    ana.slash("secret", {});
    expect(await told()).toBe("not known");
    await eventually(async () => holding(THEN)[0]);
    expect(holding(KEY)).toMatchObject([{ seenBy: "caller" }]);
  });

  test("is followed by no word that it is being worked on, where nothing is said after it", async () => {
    const { ana, core, loopback, outcomes, told } = await openWithSecret();
    const { reply } = secretReply();
    if (reply.kind !== "message") throw new Error("not a message");
    const secret: Secret = {
      async ended(outcome) {
        outcomes.push(outcome);
        return undefined;
      },
    };
    core.answer({ ...reply, secret });
    loopback.faults.order(ORIGINAL, refusedWith(400, 50035));
    loopback.faults.order(DIRECT, refusedWith(403, 50007));
    ana.slash("secret", {});
    expect(await told()).toBe("not shown");
    const pending = () => [...loopback.world.messages.values()].filter((one) => one.pending);
    await eventually(async () => (pending().length === 0 ? true : undefined));
  });

  test("waits once for a moment where Discord asks it to", async () => {
    const { ana, loopback, told, sentWith } = await openWithSecret();
    loopback.faults.order(ORIGINAL, rateLimited(1.2));
    ana.slash("secret", {});
    expect(await told()).toBe("shown");
    expect(sentWith(KEY)).toHaveLength(2);
  });

  test("waits for no minute: it comes as a direct message", async () => {
    const { ana, loopback, told, holding, channel } = await openWithSecret();
    loopback.faults.order(ORIGINAL, rateLimited(60), 9);
    ana.slash("secret", {});
    expect(await told()).toBe("shown");
    expect(holding(KEY)).toMatchObject([{ seenBy: "caller" }]);
    expect(holding(KEY)[0]?.channel).not.toBe(channel.channel);
  });

  test("in direct messages is not taken for what is said after it", async () => {
    const { ana, loopback, told, holding } = await openWithSecret();
    loopback.faults.order(/ \/webhooks\//, refusedWith(404, 10015), 9);
    ana.slash("secret", {});
    expect(await told()).toBe("shown");
    await eventually(async () => holding(THEN)[0]);
    expect(holding(KEY)).toHaveLength(1);
    expect(holding(KEY)[0]?.text).not.toContain(THEN);
  });

  test("asked for by a button stands beside the message that has it", async () => {
    const { ana, platform, channel, told, holding } = await openWithSecret();
    const posted = await platform.post(channel, pressable("press me"), { deliveryId: "d" });
    if (posted.outcome !== "sent") throw new Error(posted.why);
    ana.pressLabelled(posted.message.id, "Go");
    expect(await told()).toBe("shown");
    expect(holding(KEY)).toMatchObject([{ seenBy: "caller" }]);
    expect(holding("press me")).toHaveLength(1);
  });

  test("takes the place of no answer that everybody would see", async () => {
    const { ana, told, holding, sentWith, asked } = await openWithSecret();
    ana.slash("status", {});
    expect(await told()).toBe("shown");
    expect(asked(REMOVAL)).not.toHaveLength(0);
    expect(sentWith(KEY)).toEqual([expect.stringMatching(FOLLOW_UP)]);
    await eventually(async () => holding(THEN)[0]);
    for (const { seenBy } of [...holding(KEY), ...holding(THEN)]) expect(seenBy).toBe("caller");
  });

  test("is said directly where that answer may not be gone", async () => {
    const { ana, loopback, told, holding, sentWith } = await openWithSecret();
    loopback.faults.order(REMOVAL, { kind: "cut" });
    ana.slash("status", {});
    expect(await told()).toBe("shown");
    expect(sentWith(KEY)).toEqual([expect.stringMatching(DIRECT)]);
    expect(holding(KEY)).toMatchObject([{ seenBy: "caller" }]);
  });

  test("asked for in writing is said directly, and a closed door gives nothing away", async () => {
    const { ana, loopback, told, holding, sentWith } = await openWithSecret();
    loopback.faults.order(DIRECT, refusedWith(403, 50007));
    const { bot, channel } = loopback.world;
    ana.write(channel, `<@${bot.id}> secret`);
    expect(await told()).toBe("not shown");
    await eventually(async () => holding("Direct messages from this server are closed")[0]);
    expect(sentWith(KEY)).toHaveLength(1);
    expect(holding(KEY)).toEqual([]);
  });

  test("on its way when the process stops is given up, and told as not known", async () => {
    const { ana, loopback, platform, outcomes, sentWith } = await openWithSecret();
    loopback.faults.order(ORIGINAL, { kind: "hang" });
    ana.slash("secret", {});
    await eventually(async () => sentWith(KEY)[0]);
    await platform.stop();
    expect(outcomes).toEqual(["not known"]);
    await quiet();
    expect(sentWith(KEY)).toHaveLength(1);
  });
});
