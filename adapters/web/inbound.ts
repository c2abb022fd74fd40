import { type Card, decodeAction, encodeAction } from "../../src/chat/card.ts";
import type { KeptMessage, MessageHistory } from "../../src/chat/history.ts";
import type { ChatCore, Inbound, Person, Place, Reply } from "../../src/chat/platform.ts";
import type { Log } from "../../src/log.ts";
import { redact } from "../../src/logs/redaction.ts";
import { howToBegin, SLASH } from "./hint.ts";
import { mayRead, YOU } from "./message.ts";
import { withoutSecrets } from "./withoutSecrets.ts";

export interface Said {
  id: string;
  text: string;
  channel: string;
  thread?: string | undefined;
  zone?: string | undefined;
}

export interface Pressed {
  id: string;
  message: string;
  action: string;
  zone?: string | undefined;
}

export type Handled =
  | { outcome: "done"; thread?: string }
  /** Not an act that can be done: the sentence says why. */
  | { outcome: "refused"; why: string };

/** Acts of the person at the page, each of them once, however often the page repeats it. */
export interface Acts {
  say(said: Said): Promise<Handled>;
  press(pressed: Pressed): Promise<Handled>;
  /** Resolves when no act is under way. */
  settled(): Promise<void>;
}

export interface ActParts {
  core: ChatCore;
  history: MessageHistory;
  log: Log;
  workspace: string;
  platform: string;
  /** Called after each change of the history. */
  changed: () => void;
}

export function createActs(parts: ActParts): Acts {
  const { core, history, log, workspace, platform, changed } = parts;
  const once = rememberActs();

  /** What was typed is kept without the secrets in it, and so it is shown: it stays longer than it is needed. */
  async function keepSaid(said: Said, command: string | undefined): Promise<KeptMessage> {
    const forCaller =
      command === undefined ? said.thread === undefined : core.visibilityOf({ text: command }) === "caller";
    const kept = await history.append({
      channel: said.channel,
      ...(said.thread !== undefined && { thread: said.thread }),
      author: { kind: "person", id: YOU, name: YOU },
      body: { text: redact(said.text) },
      ...(forCaller && { onlyFor: YOU }),
      onceId: said.id,
    });
    changed();
    return kept;
  }

  async function handleSaid(said: Said): Promise<Handled> {
    const root = await rootOf(said);
    if (root === "gone") return { outcome: "refused", why: "This thread is gone." };
    const command = commandIn(said.text);
    const kept = await keepSaid(said, command);
    // What stands in the history is the act: a repeat with the same id cannot become another one.
    if (kept.author.kind !== "person" || !("text" in kept.body)) return REFUSED_ID;
    if ((await history.findOnce(answerId(said.id))) !== undefined) return { outcome: "done" };

    const act = { id: said.id, place: placeOf(kept), person: person(said.zone) };
    // What was typed, secrets and all, is what is done, where that is what stands there.
    const text = kept.body.text === redact(said.text) ? said.text : kept.body.text;
    const typed = commandIn(text);
    if (typed !== undefined)
      return await answer(act.id, act.place, { ...act, kind: "command", call: { text: typed } });
    if (kept.thread !== undefined) {
      const toBot = root?.author.kind === "bot";
      return await answer(act.id, act.place, { ...act, kind: "reply", text, toBot });
    }
    await keepAnswer(act.id, act.place, howToBegin(core.catalogue, text), YOU);
    return { outcome: "done" };
  }

  async function handlePress(pressed: Pressed): Promise<Handled> {
    const message = await history.get(pressed.message);
    if (message === undefined || !mayRead(message))
      return { outcome: "refused", why: "This message is gone." };
    const action = decodeAction(pressed.action);
    const shown = "card" in message.body ? (message.body.card.actions ?? []) : [];
    if (action === undefined || !shown.some((button) => encodeAction(button.action) === pressed.action)) {
      return {
        outcome: "refused",
        why: "This message has changed, and the button is gone. Look at it again.",
      };
    }
    const place = placeOf(message);
    const inbound: Inbound = {
      kind: "press",
      id: pressed.id,
      place,
      person: person(pressed.zone),
      action,
      message: { place, id: message.id },
    };
    return await answer(pressed.id, threadUnder(message, place), inbound, message);
  }

  /** @param at where a message that answers goes. */
  async function answer(id: string, at: Place, inbound: Inbound, pressed?: KeptMessage): Promise<Handled> {
    const reply = await core.handle(inbound);
    switch (reply.kind) {
      case "silence":
        return { outcome: "done" };
      case "replace":
        if (pressed !== undefined && (await history.edit(pressed.id, reply.card)) === undefined) {
          return { outcome: "refused", why: "This message is gone." };
        }
        changed();
        return { outcome: "done" };
      case "message": {
        const kept = await keepAnswer(id, at, reply.card, reply.visibility === "caller" ? YOU : undefined);
        await tellShown(reply, kept);
        return { outcome: "done", ...(kept.thread !== undefined && { thread: kept.thread }) };
      }
    }
  }

  async function keepAnswer(
    id: string,
    at: Place,
    card: Card,
    onlyFor: string | undefined,
  ): Promise<KeptMessage> {
    const kept = await history.append({
      channel: at.channel,
      ...(at.thread !== undefined && { thread: at.thread }),
      author: { kind: "bot" },
      body: { card: withoutSecrets(card) },
      ...(onlyFor !== undefined && { onlyFor }),
      onceId: answerId(id),
    });
    changed();
    return kept;
  }

  async function tellShown(reply: Extract<Reply, { kind: "message" }>, kept: KeptMessage): Promise<void> {
    try {
      await reply.shown?.({ place: placeOf(kept), id: kept.id });
    } catch (err) {
      // The answer stands; only its later edits are lost.
      log.error({ err, message: kept.id }, "web: the core could not note where its answer stands");
    }
  }

  /** The message that a thread hangs under; undefined in the channel itself. */
  async function rootOf(said: Said): Promise<KeptMessage | "gone" | undefined> {
    if (said.thread === undefined) return undefined;
    const root = await history.get(said.thread);
    if (root !== undefined && mayRead(root) && root.channel === said.channel && root.thread === undefined)
      return root;
    return "gone";
  }

  function placeOf(message: KeptMessage): Place {
    const { channel, thread } = message;
    return { platform, workspace, channel, ...(thread !== undefined && { thread }) };
  }

  return {
    say: (said) => once(said.id, () => handleSaid(said)),
    press: (pressed) => once(pressed.id, () => handlePress(pressed)),
    settled: once.settled,
  };
}

/** An answer to a press goes under what was pressed; what only one person sees has no thread. */
function threadUnder(pressed: KeptMessage, place: Place): Place {
  if (pressed.onlyFor !== undefined) return place;
  return { ...place, thread: pressed.thread ?? pressed.id };
}

const answerId = (id: string) => `answer:${id}`;

const REFUSED_ID: Handled = {
  outcome: "refused",
  why: "This id was used for something else. Reload the page.",
};

/** Who holds the printed address runs the process, or was given it by who does. */
function person(zone: string | undefined): Person {
  return { id: YOU, name: YOU, platformAdmin: true, ...(zone !== undefined && { zone }) };
}

/** What follows `/loghunter`; undefined for any other text. Phones like to write it with a capital. */
function commandIn(text: string): string | undefined {
  const trimmed = text.trimStart();
  if (trimmed.slice(0, SLASH.length).toLowerCase() !== SLASH) return undefined;
  const rest = trimmed.slice(SLASH.length);
  return rest === "" || /^\s/.test(rest) ? rest.trim() : undefined;
}

/** How many finished acts are remembered, so that a late repeat need not reach the core again. */
const REMEMBERED = 500;

/** Runs an act once per id: a repeat joins the one under way or gets its outcome. A failed act may be repeated. */
function rememberActs() {
  const known = new Map<string, Promise<Handled>>();
  const underWay = new Set<Promise<Handled>>();

  function once(id: string, act: () => Promise<Handled>): Promise<Handled> {
    const earlier = known.get(id);
    if (earlier !== undefined) return earlier;
    const running = act();
    known.set(id, running);
    underWay.add(running);
    const done = () => {
      underWay.delete(running);
      const oldest = known.keys().next();
      if (known.size > REMEMBERED && oldest.value !== undefined) known.delete(oldest.value);
    };
    running.then(done, () => {
      done();
      known.delete(id);
    });
    return running;
  }
  once.settled = async () => {
    await Promise.allSettled(underWay);
  };
  return once;
}
