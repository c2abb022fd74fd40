import { EPHEMERAL, editMessage, keepMessage } from "./messages.ts";
import { type Answer, type Request, refuse } from "./requests.ts";
import { checkChoices, checkMessage, checkModal } from "./rules.ts";
import type { Kept, World } from "./world.ts";

/** An act of a person, and what the bot has answered to it so far. */
export interface Asked {
  id: string;
  token: string;
  /** https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-type */
  type: number;
  channel: string;
  person: string;
  atMs: number;
  /** The message that was pressed, or whose form was filled in. */
  source?: Kept;
  first?: { type: number; atMs: number };
  /** What the first answer made. */
  original?: Kept | undefined;
  /** What followed it, by the same token. */
  followUps?: Kept[];
  modal?: Modal;
  choices?: { name: string; value: string }[];
  /** The quarter of an hour is over. */
  expired?: boolean;
}

export interface Modal {
  custom_id: string;
  title: string;
  components: { component: ModalField }[];
}

export interface ModalField {
  type: number;
  custom_id: string;
  value?: string;
  options?: { value: string; default?: boolean }[];
}

export interface Interactions {
  readonly asked: Asked[];
  begin(of: Pick<Asked, "type" | "channel" | "source">): Asked;
  /** Undefined for a request of another kind. */
  handle(request: Request, broken: (wrong: string[]) => Answer | undefined): Answer | undefined;
}

const FIRST_ANSWER_MS = 3_000;
const COMMAND = 2;
const COMPONENT = 3;
const AUTOCOMPLETE = 4;
const SUBMIT = 5;

/** How interactions are answered: https://discord.com/developers/docs/interactions/receiving-and-responding */
export function createInteractions(world: World): Interactions {
  const asked: Asked[] = [];

  function first(
    one: Asked,
    { body, files }: Request,
    broken: (wrong: string[]) => Answer | undefined,
  ): Answer {
    if (Date.now() - one.atMs > FIRST_ANSWER_MS || one.expired)
      return refuse(404, 10062, "Unknown interaction");
    if (one.first !== undefined) return refuse(400, 40060, "Interaction has already been acknowledged.");
    const type = Number(body.type);
    const data = (body.data ?? {}) as Record<string, unknown>;
    const wrong = broken([...typeRules(one, type), ...dataRules(type, body, data, files)]);
    if (wrong !== undefined) return wrong;
    one.first = { type, atMs: Date.now() };
    const onlyFor = (Number(data.flags ?? 0) & EPHEMERAL) === 0 ? undefined : one.person;
    const base = { channel: one.channel, author: world.bot, onlyFor, interaction: one.id };
    if (type === 4) one.original = keepMessage(world, { ...base, body: data, files });
    if (type === 5) one.original = keepMessage(world, { ...base, body: {}, pending: true });
    if (type === 6) one.original = one.source;
    if (type === 8) one.choices = data.choices as { name: string; value: string }[];
    if (type === 9) one.modal = data as unknown as Modal;
    return { status: 204 };
  }

  function typeRules({ type, source }: Asked, answer: number): string[] {
    if (type === AUTOCOMPLETE && answer !== 8) return ["only choices answer what is typed"];
    if (type !== AUTOCOMPLETE && answer === 8) return ["choices answer nothing but what is typed"];
    if (answer === 9 && type === SUBMIT) return ["a form cannot answer a form"];
    if ((answer === 6 || answer === 7) && type !== COMPONENT && !(type === SUBMIT && source !== undefined)) {
      return ["only what came from a message can leave it as it is"];
    }
    return [];
  }

  function dataRules(
    type: number,
    body: unknown,
    data: Record<string, unknown>,
    files: Request["files"],
  ): string[] {
    if (type === 4) return checkMessage("first", data, files);
    if (type === 5) {
      return Object.keys(data).every((key) => key === "flags") && (Number(data.flags ?? 0) & ~EPHEMERAL) === 0
        ? []
        : ["what is put off can only be private or not"];
    }
    if (type === 8) return checkChoices(body);
    if (type === 9) return checkModal(data);
    return type === 6 ? [] : [`an answer of type ${type}`];
  }

  function hook(
    one: Asked,
    which: string | undefined,
    request: Request,
    broken: (wrong: string[]) => Answer | undefined,
  ) {
    const { method, body, files } = request;
    if (one.expired) return refuse(401, 50027, "Invalid Webhook Token");
    if (one.first === undefined) return refuse(404, 10015, "Unknown Webhook");
    if (method === "POST") {
      const wrong = broken(checkMessage("hook", body, files));
      if (wrong !== undefined) return wrong;
      // What follows an answer that is still awaited takes its place.
      if (one.original?.pending)
        return { status: 200, body: editMessage(world, one.original, body, files).api };
      const onlyFor = (Number(body.flags ?? 0) & EPHEMERAL) === 0 ? undefined : one.person;
      const kept = keepMessage(world, { channel: one.channel, author: world.bot, body, files, onlyFor });
      one.followUps = [...(one.followUps ?? []), kept];
      return { status: 200, body: kept.api };
    }
    const kept = which === "@original" ? one.original : world.messages.get(which ?? "");
    if (kept === undefined || !world.messages.has(kept.api.id)) return refuse(404, 10008, "Unknown Message");
    if (method === "DELETE") {
      world.messages.delete(kept.api.id);
      if (one.original === kept) one.original = undefined;
      return { status: 204 };
    }
    const wrong = broken(checkMessage("hook", body, files));
    return wrong ?? { status: 200, body: editMessage(world, kept, body, files).api };
  }

  return {
    asked,
    begin(of) {
      const id = world.newId();
      const one = { ...of, id, token: `token-${id}`, person: world.ana.id, atMs: Date.now() };
      asked.push(one);
      return one;
    },
    handle(request, broken) {
      const callback = /^\/interactions\/(\d+)\/([^/]+)\/callback$/.exec(request.path);
      if (callback !== null && request.method === "POST") {
        const one = asked.find(({ id, token }) => id === callback[1] && token === callback[2]);
        return one === undefined ? refuse(404, 10062, "Unknown interaction") : first(one, request, broken);
      }
      const webhook = /^\/webhooks\/(\d+)\/([^/]+)(?:\/messages\/([^/]+))?$/.exec(request.path);
      if (webhook === null) return undefined;
      const one = asked.find(({ token }) => token === webhook[2]);
      if (one === undefined || webhook[1] !== world.bot.id) return refuse(404, 10015, "Unknown Webhook");
      return hook(one, webhook[3], request, broken);
    },
  };
}

export const INTERACTION = {
  command: COMMAND,
  component: COMPONENT,
  autocomplete: AUTOCOMPLETE,
  submit: SUBMIT,
} as const;
