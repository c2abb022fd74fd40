import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { button } from "../../../src/chat/card.ts";
import type { MessageRef, Reply } from "../../../src/chat/platform.ts";
import { makeKey } from "../../../src/keys/apiKey.ts";
import { quiet, sentOf } from "../../contract/chatHarness.ts";
import { type Fault, rateLimited, refusedWith } from "../../support/discord/faults.ts";
import { eventually } from "../../support/eventually.ts";
import { createMemoryActs } from "../../support/memoryActs.ts";
import { eachOpens, forAll, forCaller, plain, pressable } from "./open.ts";

const CALLBACK = /\/callback$/;
const ORIGINAL = /^PATCH \/webhooks\/.*@original$/;
const HOOK = /\/webhooks\//;
const POST = /^POST \/channels\/\d+\/messages$/;
const open = eachOpens();

describe("Discord is told at once that an act has arrived", () => {
  test("however long the core takes", async () => {
    const { ana, core } = await open({ options: { waits: { stopMs: 50 } } });
    core.answerWith(() => new Promise(() => {}));
    const command = ana.slash("analyze", { service: "checkout" });
    await eventually(async () => command.asked.first);
    // Discord waits for 3 s.
    expect((command.asked.first?.atMs ?? 0) - command.asked.atMs).toBeLessThan(3_000);
  });

  test("in private where the answer will be private", async () => {
    const { ana, core, asked } = await open();
    core.answer(forCaller("for you"));
    ana.slash("secret", {});
    const [callback] = await eventually(async () => {
      const found = asked(CALLBACK);
      return found.length > 0 ? found : undefined;
    });
    expect(callback?.body).toMatchObject({ type: 5, data: { flags: 64 } });
  });

  const passing: [string, Fault][] = [
    ["a failure of Discord's", refusedWith(500, 0)],
    ["a broken connection", { kind: "cut" }],
    ["an answer that was lost", { kind: "lost answer" }],
    ["a request to wait", rateLimited(0.1)],
  ];
  test.each(passing)("again after %s, and it is handled once", async (_, fault) => {
    const { ana, core, loopback, says, bots } = await open();
    loopback.faults.order(CALLBACK, fault);
    core.answer(forAll("answered"));
    ana.slash("analyze", { service: "checkout" });
    expect(await says("answered")).toMatchObject({ seenBy: "everybody" });
    await quiet();
    expect(bots()).toHaveLength(1);
    expect(core.inbounds).toHaveLength(1);
    // Nothing stays that says it is being worked on.
    expect([...loopback.world.messages.values()].filter(({ pending }) => pending)).toEqual([]);
  });
});

test("Where a message of its own stands the core is told so, and not where the token of an act wrote", async () => {
  const { ana, core, channel, says, loopback } = await open();
  const { platform, workspace } = channel;
  core.answer(forAll("answered"));
  core.reached.length = 0;
  ana.slash("status", {});
  await says("answered");
  // The interaction's token writes also where LogHunter may not.
  expect(core.reached).toEqual([]);
  core.answer(forAll("written"));
  ana.write(channel.channel, `<@${loopback.world.bot.id}> status`);
  await says("written");
  await eventually(async () => core.reached[0]);
  expect(core.reached).toEqual([{ platform, workspace, channel: channel.channel }]);
});

describe("A first answer that hangs", () => {
  test("has a whole number of milliseconds, however many are left for it", async () => {
    const atMs = Date.now();
    const { ana } = await open({ options: { now: () => atMs, waits: { firstAnswerMs: 2_701 } } });
    const { asked } = ana.slash("status", {});
    await eventually(async () => asked.first);
  });

  test("is tried once more while there is time", async () => {
    const { ana, core, loopback, says, bots } = await open({ options: { waits: { firstAnswerMs: 2_000 } } });
    loopback.faults.order(CALLBACK, { kind: "hang" });
    core.answer(forAll("answered"));
    const { asked } = ana.slash("analyze", { service: "checkout" });
    await says("answered");
    expect(asked.first?.type).toBe(5);
    expect(bots()).toHaveLength(1);
  });

  test.each([
    ["for all", "analyze", forAll("answered")],
    ["for one", "secret", forCaller("answered")],
  ] as const)("and was taken all the same leaves nothing under way: %s", async (_, command, reply) => {
    const { ana, core, loopback, says, bots } = await open({ options: { waits: { firstAnswerMs: 400 } } });
    loopback.faults.order(CALLBACK, { kind: "lost answer" });
    loopback.faults.order(CALLBACK, { kind: "hang" }, 9);
    core.answer(reply);
    ana.slash(command, command === "analyze" ? { service: "checkout" } : {});
    await says("answered");
    expect(bots()).toHaveLength(1);
    expect([...loopback.world.messages.values()].filter(({ pending }) => pending)).toEqual([]);
  });

  test("and was not taken is followed by the answer in the channel", async () => {
    const { ana, core, loopback, says } = await open({ options: { waits: { firstAnswerMs: 400 } } });
    loopback.faults.order(CALLBACK, { kind: "hang" }, 9);
    core.answer(forAll("answered"));
    ana.slash("analyze", { service: "checkout" });
    await says("answered");
  });
});

describe("An answer that Discord takes no longer as one", () => {
  test("because it was late, is posted in the channel", async () => {
    const { ana, core, loopback, says } = await open();
    loopback.faults.order(CALLBACK, refusedWith(404, 10062), 9);
    core.answer(forAll("late"));
    ana.slash("analyze", { service: "checkout" });
    expect(await says("late")).toMatchObject({ seenBy: "everybody" });
  });

  test("and that is for one person, is said to them directly", async () => {
    const { ana, core, loopback, says } = await open();
    loopback.faults.order(CALLBACK, refusedWith(404, 10062), 9);
    core.answer(forCaller("late and private"));
    ana.slash("secret", {});
    const told = await says("late and private");
    expect(told.channel).not.toBe(loopback.world.channel);
    expect(told.seenBy).toBe("caller");
  });

  test("because a quarter of an hour is over, is posted in the channel, once", async () => {
    const { ana, core, says, bots } = await open();
    let release = () => {};
    core.answerWith(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return forAll("after an hour");
    });
    const { asked } = ana.slash("analyze", { service: "checkout" });
    await eventually(async () => core.inbounds[0]);
    await eventually(async () => asked.first);
    asked.expired = true;
    release();
    await says("after an hour");
    await quiet();
    expect(bots()).toHaveLength(1);
  });

  test("is edited by its own id ever after, not with a token that has ended", async () => {
    const { ana, core, platform, says } = await open();
    let shown: MessageRef | undefined;
    core.answer({
      ...forAll("working"),
      shown: async (message) => {
        shown = message;
      },
    });
    const { asked } = ana.slash("analyze", { service: "checkout" });
    const ref = await eventually(async () => shown);
    asked.expired = true;
    expect((await platform.edit(ref, plain("done"))).outcome).toBe("sent");
    await says("done");
  });
});

describe("An answer in a channel that LogHunter may not see", () => {
  const answeredWhereForbidden = async () => {
    const on = await open();
    let shown: MessageRef | undefined;
    const note = async (message: MessageRef) => {
      shown = message;
    };
    on.loopback.forbidden.set(on.channel.channel, 50001);
    on.core.answer({ ...forAll("looking"), shown: note });
    const { asked } = on.ana.slash("analyze", { service: "checkout" });
    return { ...on, act: asked, ref: await eventually(async () => shown) };
  };

  test("is edited with the token that it was sent with", async () => {
    const { platform, ref, says, asked } = await answeredWhereForbidden();
    expect((await platform.edit(ref, plain("the cause"))).outcome).toBe("sent");
    expect((await platform.edit(ref, plain("the whole cause"))).outcome).toBe("sent");
    await says("the whole cause");
    // What was refused is not asked for again.
    expect(asked(/^PATCH \/channels\//)).toHaveLength(1);
  });

  test("is refused by its channel once that token has ended", async () => {
    const { platform, ref, act } = await answeredWhereForbidden();
    act.expired = true;
    expect(await platform.edit(ref, plain("the cause"))).toMatchObject({
      outcome: "refused",
      reason: "not permitted",
    });
  });
});

describe("An answer that fails on its way", () => {
  const passing: [string, Fault][] = [
    ["a request to wait", rateLimited(1.2)],
    ["a failure of Discord's", refusedWith(502, 0)],
    ["a broken connection", { kind: "cut" }],
    ["a lost answer", { kind: "lost answer" }],
  ];
  test.each(passing)("for %s is shown once", async (_, fault) => {
    const { ana, core, loopback, says, bots } = await open();
    loopback.faults.order(ORIGINAL, fault);
    core.answer(forAll("shown"));
    ana.slash("analyze", { service: "checkout" });
    await says("shown");
    await quiet();
    expect(bots()).toHaveLength(1);
    expect(core.inbounds).toHaveLength(1);
  });

  test.each(passing)("for %s stands once under what was pressed", async (_, fault) => {
    const { ana, core, loopback, platform, channel, says, bots } = await open();
    const ref = sentOf(await platform.post(channel, pressable("press me"), { deliveryId: "d" }));
    loopback.faults.order(POST, fault);
    core.answer(forAll("under it"));
    ana.pressLabelled(ref.id, "Go");
    expect((await says("under it")).channel).toBe(ref.id);
    await quiet();
    expect(bots()).toHaveLength(2);
    expect(core.inbounds).toHaveLength(1);
  });

  test("for good, because Discord finds it wrong, does not end anything", async () => {
    const { ana, core, loopback, says } = await open();
    loopback.faults.order(ORIGINAL, refusedWith(400, 50035));
    loopback.faults.order(POST, refusedWith(400, 50035));
    core.answer(forAll("wrong"));
    ana.slash("analyze", { service: "checkout" });
    await quiet();
    core.answer(forAll("the next one"));
    ana.slash("status", {});
    await says("the next one");
  });
});

describe("An answer that turns out to be for others than was said", () => {
  test("for the caller only, is taken from the channel and shown to them", async () => {
    const { ana, core, says, bots } = await open();
    core.answer(forCaller("that did not work"));
    ana.slash("analyze", { service: "checkout" });
    expect(await says("that did not work")).toMatchObject({ seenBy: "caller" });
    expect(bots()).toHaveLength(1);
  });

  test("for everybody, is posted in the channel, and nothing private stays", async () => {
    const { ana, core, says, bots, loopback } = await open();
    core.answer(forAll("for all"));
    ana.slash("secret", {});
    expect(await says("for all")).toMatchObject({ seenBy: "everybody" });
    await eventually(async () =>
      [...loopback.world.messages.values()].some(({ pending }) => pending) ? undefined : true,
    );
    expect(bots()).toHaveLength(1);
  });

  test("nobody at all, leaves nothing behind", async () => {
    const { ana, core, loopback } = await open();
    core.answer({ kind: "silence" });
    ana.slash("analyze", { service: "checkout" });
    await eventually(async () => core.inbounds[0]);
    await eventually(async () => (loopback.world.messages.size === 0 ? true : undefined));
  });
});

describe("An answer for one person", () => {
  test("to a press is seen by them only, and can be edited while Discord allows it", async () => {
    const { ana, core, platform, channel, says } = await open();
    const ref = sentOf(await platform.post(channel, pressable("press me"), { deliveryId: "d" }));
    let shown: MessageRef | undefined;
    const reply: Reply = {
      ...forCaller("only you"),
      shown: async (message) => {
        shown = message;
      },
    };
    core.answer(reply);
    const { asked } = ana.pressLabelled(ref.id, "Go");
    expect(await says("only you")).toMatchObject({ seenBy: "caller" });
    const own = await eventually(async () => shown);
    expect((await platform.edit(own, plain("edited for you"))).outcome).toBe("sent");
    await says("edited for you");
    asked.expired = true;
    expect((await platform.edit(own, plain("too late"))).outcome).toBe("refused");
  });

  test("a private message that was pressed is replaced for them", async () => {
    const { ana, core, says } = await open();
    core.answer({ kind: "message", card: pressable("private buttons"), visibility: "caller" });
    ana.slash("secret", {});
    const { id } = await says("private buttons");
    core.answer({ kind: "replace", card: plain("replaced") });
    ana.pressLabelled(id, "Go");
    expect(await says("replaced")).toMatchObject({ id, seenBy: "caller" });
  });
});

describe("An act", () => {
  test("that another process has in hand is left to it", async () => {
    const acts = createMemoryActs();
    acts.begin = async () => false;
    const { ana, core, loopback } = await open({ options: { acts } });
    ana.slash("analyze", { service: "checkout" });
    ana.write(loopback.world.channel, `<@${loopback.world.bot.id}> analyze checkout`);
    await quiet();
    expect(core.inbounds).toEqual([]);
  });

  test("goes on where nobody can say whether it is in hand elsewhere", async () => {
    const acts = createMemoryActs();
    acts.begin = async () => {
      throw new Error("no database");
    };
    acts.end = acts.begin as never;
    const { ana, says, core } = await open({ options: { acts } });
    core.answer(forAll("still"));
    ana.slash("analyze", { service: "checkout" });
    await says("still");
  });

  test("is noted as done once it is answered", async () => {
    const acts = createMemoryActs();
    const { ana, says, channel } = await open({ options: { acts } });
    const { asked } = ana.slash("status", {});
    await says("Answered");
    await eventually(async () => acts.ended[0]);
    const act = `${channel.workspace} ${asked.id}`;
    expect([acts.begun, acts.ended]).toEqual([[act], [act]]);
  });

  test("in hand is waited for when LogHunter stops, and no other begins", async () => {
    const { ana, core, platform, says, loopback } = await open();
    let release = () => {};
    core.answerWith(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return forAll("before the end");
    });
    ana.slash("status", {});
    await eventually(async () => core.inbounds[0]);
    const stopped = platform.stop();
    ana.slash("status", {});
    await quiet();
    release();
    await stopped;
    await says("before the end");
    expect(core.inbounds).toHaveLength(1);
    await eventually(async () => (loopback.gateway.isConnected() ? undefined : true));
  });
});

describe("A form with a mistake in it", () => {
  const mistaken = async (now = Date.now) => {
    const on = await open({ options: { now } });
    const { ana, platform, channel, says } = on;
    const card = { ...plain("root"), actions: [button("Save", { name: "test.form", subject: "" })] };
    const root = sentOf(await platform.post(channel, card, { deliveryId: "d" }));
    const { asked } = ana.pressLabelled(root.id, "Save");
    await eventually(async () => asked.modal);
    ana.submit(asked, { name: "not a name", levels: "warn,error", keywords: 'timed "out"' });
    const told = await says("is not a name");
    return { ...on, root, told };
  };
  const opened = async ({ ana, told }: Awaited<ReturnType<typeof mistaken>>) => {
    const { asked } = ana.pressLabelled(told.id, "Open the form again");
    await eventually(async () => asked.modal);
    return asked;
  };

  test("is opened again with what was typed, and is answered where it would have been", async () => {
    const on = await mistaken();
    const { ana, core, root, says } = on;
    const asked = await opened(on);
    ana.submit(asked, { name: "still wrong!" });
    const again = await opened({ ...on, told: await says("still wrong!") });
    core.answer(forAll("saved"));
    ana.submit(again, { name: "slow" });
    expect((await says("saved")).channel).toBe(root.id);
    expect(core.inbounds).toMatchObject([
      {
        kind: "command",
        call: {
          name: "filters save",
          options: { name: "slow", service: "checkout", levels: "warn,error", keywords: 'timed "out"' },
        },
      },
    ]);
  });

  test("is opened again without an API key that was typed", async () => {
    const { ana, platform, channel, says, loopback } = await open();
    const card = { ...plain("root"), actions: [button("Save", { name: "test.form", subject: "" })] };
    const root = sentOf(await platform.post(channel, card, { deliveryId: "d" }));
    const { asked } = ana.pressLabelled(root.id, "Save");
    await eventually(async () => asked.modal);
    const key = makeKey(randomUUID()).raw;
    ana.submit(asked, { name: "not a name", keywords: key });
    const told = await says("is not a name");
    const again = ana.pressLabelled(told.id, "Open the form again").asked;
    const { components } = await eventually(async () => again.modal);
    expect(JSON.stringify(components)).toContain("not a name");
    expect(loopback.heard.join()).not.toContain(key.slice(26));
  });

  test("is not opened for somebody else, nor after a quarter of an hour", async () => {
    let nowMs = Date.now();
    const { ana, loopback, told, says } = await mistaken(() => nowMs);
    nowMs += 15 * 60_000 + 1;
    ana.pressLabelled(told.id, "Open the form again");
    await says("and is gone");
    nowMs -= 60_000;
    Object.assign(loopback.world.ana, { id: loopback.world.newId() });
    const { asked } = ana.pressLabelled(told.id, "Open the form again");
    await eventually(async () => asked.original);
    expect(asked.modal).toBeUndefined();
  });
});

describe("A form", () => {
  test("that the core is slow to fill is not waited for longer than Discord waits", async () => {
    const { ana, core, says } = await open({ options: { waits: { askCoreMs: 100 } } });
    core.form = () => new Promise(() => {});
    ana.slash("filters save", {});
    expect(await says("took too long")).toMatchObject({ seenBy: "caller" });
  });

  test("is asked of Discord once, also when the command arrives twice", async () => {
    const { ana, asked } = await open();
    const { again } = ana.slash("filters save", {});
    again();
    await eventually(async () => asked(CALLBACK)[0]);
    await quiet();
    expect(asked(CALLBACK)).toHaveLength(1);
    expect(asked(HOOK)).toHaveLength(0);
  });
});
