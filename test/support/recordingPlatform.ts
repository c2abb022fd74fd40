import { randomUUID } from "node:crypto";
import type { Card } from "../../src/chat/card.ts";
import type {
  ChatCore,
  ChatPlatform,
  Delivery,
  Inbound,
  Person,
  Place,
  Reply,
} from "../../src/chat/platform.ts";

/** A chat platform that keeps what it is given: for tests of the core, where no platform is under test. */
export interface RecordingPlatform extends ChatPlatform {
  /** The newest card of each message, by message id. */
  readonly cards: Map<string, Card>;
  /** Where each message that was posted stands, by its id. */
  readonly places: Map<string, Place>;
  /** What single people were told. */
  readonly told: { personId: string; card: Card }[];
  /** From now on every post is refused so; undefined: no longer. */
  refusePosts(refusal: Delivery | undefined): void;
  /** What messages lose that it takes. */
  loses(without: string | undefined): void;
  /** Types a command as a person would, shows the answer, and returns it with its message's id. */
  type(text: string, by?: Partial<Person>): Promise<{ reply: Reply; messageId: string }>;
  /** Sends a command's form off, in a channel. */
  fill(
    name: string,
    options: Record<string, string>,
    at?: { channel?: string; by?: Partial<Person> },
  ): Promise<Reply>;
  /** What comes of showing a secret, from now on. */
  showsSecrets(outcome: "shown" | "not shown" | "not known"): void;
  press(messageId: string, action: { name: string; subject: string }, by?: Partial<Person>): Promise<Reply>;
  /** Presses, and shows the answer in the thread of what was pressed, as chat platforms do. */
  pressInThread(messageId: string, action: { name: string; subject: string }): Promise<string>;
  answer(thread: string, text: string, by?: Partial<Person>): Promise<Reply>;
  /** Resolves once the message's card is as asked. */
  until(messageId: string, isSo: (card: Card) => boolean): Promise<Card>;
}

const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** @param workspace the external id its messages come from. */
export function createRecordingPlatform(workspace: string, name = "recording"): RecordingPlatform {
  const cards = new Map<string, Card>();
  const places = new Map<string, Place>();
  const told: { personId: string; card: Card }[] = [];
  let refusal: Delivery | undefined;
  let without: string | undefined;
  const watchers = new Set<() => void>();
  let core: ChatCore | undefined;

  const place = { platform: name, workspace, channel: "general" };
  const person = (by: Partial<Person> = {}): Person => ({
    id: "u1",
    name: "Ann",
    platformAdmin: false,
    ...by,
  });
  const keep = (id: string, card: Card) => {
    cards.set(id, card);
    for (const watch of watchers) watch();
  };
  const handle = (inbound: Inbound) => {
    if (core === undefined) throw new Error("the platform was not started");
    return core.handle(inbound);
  };
  let secretsAre: "shown" | "not shown" | "not known" = "shown";
  const show = async (reply: Reply, thread?: string): Promise<string> => {
    const id = randomUUID();
    if (reply.kind === "message" && reply.secret !== undefined) {
      const instead = await reply.secret.ended(secretsAre);
      if (instead !== undefined) told.push({ personId: "u1", card: instead });
    } else if (reply.kind === "message") {
      keep(id, reply.card);
      await reply.shown?.({ place: thread === undefined ? place : { ...place, thread }, id });
    }
    return id;
  };
  const press = (id: string, action: { name: string; subject: string }, by?: Partial<Person>) =>
    handle({ kind: "press", id: randomUUID(), place, person: person(by), action, message: { place, id } });

  return {
    name,
    cards,
    places,
    told,
    limits: {
      titleChars: UNLIMITED,
      textChars: UNLIMITED,
      logChars: UNLIMITED,
      blocks: UNLIMITED,
      facts: UNLIMITED,
      items: UNLIMITED,
      tableRows: UNLIMITED,
      progressSteps: UNLIMITED,
      links: UNLIMITED,
      buttons: 5,
      buttonLabelChars: UNLIMITED,
      altChars: UNLIMITED,
      totalChars: UNLIMITED,
      cost: (text) => text.length,
    },
    async start(started) {
      core = started;
    },
    async stop() {},
    refusePosts(next) {
      refusal = next;
    },
    loses(what) {
      without = what;
    },
    async post(at, card, { deliveryId }) {
      if (refusal !== undefined) return refusal;
      places.set(deliveryId, at);
      keep(deliveryId, card);
      return { outcome: "sent", message: { place, id: deliveryId } };
    },
    async tell(_workspace, personId, card, { deliveryId }) {
      told.push({ personId, card });
      return { outcome: "sent", message: { place, id: deliveryId } };
    },
    addressOf: async ({ id }) => `https://chat.test/${id}`,
    whoIs: async (_, id) => {
      if (id.startsWith("nobody")) return "nobody";
      return {
        name: `Name of ${id}`,
        ...(id.startsWith("&deaf") && { uncalled: "Let everybody mention it." }),
      };
    },
    isConnected: () => true,
    health: async () => ({ ok: true, summary: "recorded", warnings: [] }),
    reach: async () => {
      if (refusal?.outcome === "refused") return refusal;
      if (refusal === undefined)
        return without === undefined ? { outcome: "open" } : { outcome: "open", without };
      return { outcome: "not told", why: "it does not say" };
    },
    async edit(message, card) {
      if (!cards.has(message.id))
        return { outcome: "refused", reason: "message gone", why: "no such message" };
      keep(message.id, card);
      return { outcome: "sent", message };
    },
    async type(text, by) {
      const reply = await handle({
        kind: "command",
        id: randomUUID(),
        place,
        person: person(by),
        call: { text },
      });
      return { reply, messageId: await show(reply) };
    },
    async fill(name, options, { channel = place.channel, by } = {}) {
      const reply = await handle({
        ...{ kind: "command", id: randomUUID(), place: { ...place, channel }, person: person(by) },
        call: { name, options, whole: true },
      });
      await show(reply);
      return reply;
    },
    showsSecrets(outcome) {
      secretsAre = outcome;
    },
    press,
    async pressInThread(id, action) {
      return show(await press(id, action), id);
    },
    async answer(thread, text, by) {
      return handle({
        kind: "reply",
        id: randomUUID(),
        place: { ...place, thread },
        person: person(by),
        text,
        toBot: cards.has(thread),
      });
    },
    until(messageId, isSo) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`it stayed ${JSON.stringify(cards.get(messageId)?.title)}`));
        }, 60_000);
        const look = () => {
          const card = cards.get(messageId);
          if (card === undefined || !isSo(card)) return;
          clearTimeout(timer);
          watchers.delete(look);
          resolve(card);
        };
        watchers.add(look);
        look();
      });
    },
  };
}
