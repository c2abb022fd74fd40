import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { SentMessage } from "../../../adapters/web/message.ts";
import { createWaiting, type WaitingRequest, waitingRequest } from "../../../adapters/web/waiting.ts";
import type { MessageHistory } from "../../../src/chat/history.ts";
import type { SecretOutcome } from "../../../src/chat/platform.ts";
import type { SecretSent } from "../../../src/chat/secret.ts";
import { createLog } from "../../../src/log.ts";
import { quiet } from "../../contract/chatHarness.ts";
import { eventually, until } from "../../support/eventually.ts";
import { createMemoryHistory } from "../../support/memoryHistory.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { KEY, secretCard, secretReply, THEN } from "../../support/secretReply.ts";
import { noteActs, type OpenWeb, openWeb, readChannel } from "./harness.ts";

describe("a secret on the web console", () => {
  let core: ScriptedCore;
  let web: OpenWeb;
  let acts: ReturnType<typeof noteActs>;
  let kept: string[];
  let log: string;
  let isAway: boolean;
  let outcomes: SecretOutcome[];
  let release: () => void;

  beforeEach(async () => {
    core = createScriptedCore();
    [kept, log, isAway, release] = [[], "", false, () => {}];
    web = await openWeb(core, {
      history: noting(createMemoryHistory(Date.now)),
      log: createLog("debug", {
        write(line) {
          log += line;
        },
      }),
    });
    acts = noteActs(web);
    const secret = secretReply();
    outcomes = secret.outcomes;
    core.answer(secret.reply);
  });
  afterEach(async () => {
    acts.close();
    await web.platform.stop();
    expect(kept.join()).not.toContain(KEY);
    expect(log).not.toContain(KEY);
  });

  /** Notes all that it is to keep, in whatever way. */
  function noting(history: MessageHistory): MessageHistory {
    const note = (what: unknown) => {
      if (isAway) throw new Error("no database");
      kept.push(JSON.stringify(what));
    };
    return {
      ...history,
      async append(message) {
        if (message.author.kind === "bot") note(message);
        return history.append(message);
      },
      async edit(id, card) {
        note(card);
        return history.edit(id, card);
      },
    };
  }

  const said = (id: string = randomUUID()) => ({ id, text: "/loghunter secret", channel: "logs" });
  const answerTo = async (response: Response) => JSON.stringify(await response.json());
  const told = () => eventually(async () => outcomes[0]);
  /** The core has its act in hand until it is released. */
  function hold(): void {
    const { reply, outcomes: ended } = secretReply();
    outcomes = ended;
    core.answerWith(
      () =>
        new Promise((resolve) => {
          release = () => resolve(reply);
        }),
    );
  }

  test("goes to the page that asked alone: another one, and a page opened later, show that it is not kept", async () => {
    const other = await web.get("/events?channel=logs");
    const reading = other.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect(await answerTo(await web.send("/say", said()))).toContain(KEY);
    expect(await told()).toBe("shown");
    let streamed = "";
    while (!streamed.includes(THEN)) streamed += (await reading?.read())?.value ?? "";
    await reading?.cancel();
    for (const page of [streamed, JSON.stringify(await readChannel(web))]) {
      expect(page).toContain("it is kept nowhere");
      expect(page).toContain("Only you can see this");
      expect(page).not.toContain(KEY);
    }
  });

  test("is in no second answer to the same act", async () => {
    const act = said();
    expect(await answerTo(await web.send("/say", act))).toContain(KEY);
    expect(await answerTo(await web.send("/say", act))).not.toContain(KEY);
    expect(outcomes).toEqual(["shown"]);
  });

  test("reaches the page that lost the line and asked again, once", async () => {
    hold();
    const act = said();
    const lost = new AbortController();
    const first = web.send("/say", act, lost.signal).catch(() => "lost");
    await eventually(async () => core.inbounds[0]);
    lost.abort();
    expect(await first).toBe("lost");
    const second = web.send("/say", act);
    await until(() => acts.arrived() === 2, "the second request");
    await quiet();
    release();
    expect(await answerTo(await second)).toContain(KEY);
    expect(await told()).toBe("shown");
  });

  test("goes out in one of two answers, where a page has asked twice", async () => {
    hold();
    const act = said();
    const both = [web.send("/say", act), web.send("/say", act)];
    await until(() => acts.arrived() === 2 && core.inbounds.length > 0, "both requests");
    await quiet();
    release();
    const answers = await Promise.all(both.map(async (sent) => answerTo(await sent)));
    expect(answers.filter((answer) => answer.includes(KEY))).toHaveLength(1);
    expect(outcomes).toEqual(["shown"]);
  });

  test("is not shown where its message cannot be kept, and the act is done all the same", async () => {
    isAway = true;
    const act = said();
    const response = await web.send("/say", act);
    expect([response.status, await response.json()]).toEqual([200, { outcome: "done" }]);
    expect(outcomes).toEqual(["not shown"]);
    await web.send("/say", act);
    expect(core.inbounds).toHaveLength(1);
  });

  test("whose form was sent off leaves nothing of what was filled in", async () => {
    const opened = await web.send("/say", { ...said(), text: "/loghunter keys create deploy" });
    expect(await opened.json()).toMatchObject({ form: { fields: [{ name: "name", value: "deploy" }] } });
    expect(await readChannel(web)).toEqual([]);
    const filled = { id: randomUUID(), command: "keys create", values: { name: "deploy" }, channel: "logs" };
    expect(await answerTo(await web.send("/fill", filled))).toContain(KEY);
    const page = JSON.stringify(await readChannel(web));
    expect(page).toContain("/loghunter keys create");
    expect(page).not.toContain("deploy");
  });

  test("asked for by a button goes into the thread under it", async () => {
    const action = { name: "test.go", subject: "1" };
    const place = { platform: "web", workspace: "here", channel: "logs" };
    const card = { ...secretCard, body: [], actions: [{ label: "Go", style: "plain", action } as const] };
    const posted = await web.platform.post(place, card, { deliveryId: "d" });
    if (posted.outcome !== "sent") throw new Error(posted.outcome);
    const press = { id: randomUUID(), message: posted.message.id, action: "test.go:1" };
    const answer = (await (await web.send("/press", press)).json()) as {
      thread?: string;
      secret: SentMessage;
    };
    expect(answer).toMatchObject({ thread: posted.message.id, secret: { thread: posted.message.id } });
    expect(answer.secret.html).toContain(KEY);
    expect(await told()).toBe("shown");
  });
});

describe("the pages that wait for an act", () => {
  const message = { id: "m1" } as SentMessage;
  const { signal } = new AbortController();
  const page = (outcome: SecretSent = { outcome: "sent" }, isOpen = true) => {
    const got: SentMessage[] = [];
    const request: WaitingRequest = {
      isOpen: () => isOpen,
      async answer(given) {
        got.push(given);
        return outcome;
      },
    };
    return { got, request };
  };

  test("are none where it is another act, or the page has left", async () => {
    const waiting = createWaiting();
    const [gone, shut] = [page(), page({ outcome: "sent" }, false)];
    waiting.begin("act", gone.request)();
    waiting.begin("act", shut.request);
    waiting.begin("another", page().request);
    expect(await waiting.hand("act", message, signal)).toMatchObject({ outcome: "refused" });
    expect([gone.got, shut.got]).toEqual([[], []]);
  });

  test("are waited for where they were told to ask again", async () => {
    const waiting = createWaiting();
    waiting.begin("act", page().request)(true);
    const handing = waiting.hand("act", message, signal);
    await quiet();
    const back = page();
    waiting.begin("act", back.request);
    expect(await handing).toEqual({ outcome: "sent" });
    expect(back.got).toEqual([message]);
  });

  test("are waited for no longer than there is time, nor once the act is over", async () => {
    const waiting = createWaiting();
    const over = new AbortController();
    waiting.begin("act", page().request)(true);
    const handing = waiting.hand("act", message, over.signal);
    over.abort();
    expect(await handing).toMatchObject({ outcome: "refused" });
    waiting.forget("act");
    expect(await waiting.hand("act", message, signal)).toMatchObject({ outcome: "refused" });
  });

  test("may have seen it or not where they leave while they are answered", async () => {
    const server = createServer(async (_, response) => {
      const { request, handed } = waitingRequest(response);
      const answered = request.answer(message);
      await handed;
      response.destroy();
      outcome = await answered;
    });
    let outcome: SecretSent | undefined;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}/`).catch(() => {});
    expect(await eventually(async () => outcome)).toMatchObject({ outcome: "unknown" });
    await new Promise((resolve) => server.close(resolve));
  });
});
