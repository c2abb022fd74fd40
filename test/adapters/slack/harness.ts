import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { encodeOrigin, FORM } from "../../../adapters/slack/forms.ts";
import { createSlack, type Slack, type SlackOptions } from "../../../adapters/slack/index.ts";
import { completionAt } from "../../../src/chat/completion.ts";
import type { ChatCore } from "../../../src/chat/platform.ts";
import { createLog } from "../../../src/log.ts";
import type { Act, ChatPlatformHarness, PrivateWays, Standing } from "../../contract/chatHarness.ts";
import { createMemoryActs } from "../../support/memoryActs.ts";
import { createMemoryInstallations } from "../../support/slack/memory.ts";
import { CLIENT } from "../../support/slack/oauth.ts";
import {
  createPerson,
  initialValues,
  overHttp,
  overSocket,
  SIGNING_SECRET,
  type SlackPerson,
} from "../../support/slack/person.ts";
import { APP_TOKEN, openSlackServer, type SlackServer } from "../../support/slack/server.ts";
import { asShown, asTyped, pingsOf, readBlocks } from "../../support/slack/shown.ts";
import { ACME, ANNA, LOGS, type StoredMessage, type User } from "../../support/slack/world.ts";

/** The adapter, started over real sockets, with a server for Slack and a person who acts. */
export interface OpenSlack {
  slack: Slack;
  server: SlackServer;
  anna: SlackPerson;
  /** Somebody else. */
  as(user: User): SlackPerson;
  /** In HTTP mode where the adapter listens. */
  url: string;
  close(): Promise<void>;
}

type Own = Partial<Omit<SlackOptions, "connection">>;

function common(server: SlackServer, own: Own): Omit<SlackOptions, "connection"> {
  return {
    draw: async () => ONE_PIXEL,
    log: createLog("silent"),
    now: Date.now,
    acts: createMemoryActs(),
    apiUrl: server.apiUrl,
    ...own,
  };
}

export async function openSocketSlack(
  core: ChatCore,
  own: Own = {},
  server?: SlackServer,
): Promise<OpenSlack> {
  const opened = server ?? (await openSlackServer(own.now));
  const slack = createSlack({
    ...common(opened, own),
    connection: { mode: "socket", botToken: ACME.token, appToken: APP_TOKEN },
  });
  await slack.start(core);
  return {
    slack,
    server: opened,
    anna: createPerson(opened, overSocket(opened)),
    as: (user) => createPerson(opened, overSocket(opened), { user }),
    url: "",
    async close() {
      await slack.stop();
      await opened.close();
    },
  };
}

export interface HttpOwn extends Own {
  installations?: ReturnType<typeof createMemoryInstallations>;
  /** Nobody has installed it yet. */
  isEmpty?: boolean;
  server?: SlackServer;
}

export async function openHttpSlack(core: ChatCore, own: HttpOwn = {}): Promise<OpenSlack & { url: string }> {
  const { installations = createMemoryInstallations(), isEmpty = false, server, ...options } = own;
  const opened = server ?? (await openSlackServer(own.now));
  let listener: Slack["listener"];
  const http = createServer((request, response) => listener?.(request, response));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  if (!isEmpty) await installations.save("slack", ACME.id, installationOf(ACME));
  const slack = createSlack({
    ...common(opened, options),
    connection: {
      mode: "http",
      signingSecret: SIGNING_SECRET,
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      stateSecret: "state-secret-for-tests",
      publicUrl: url,
      authorizeUrl: "https://slack.test/oauth/v2/authorize",
      installations,
    },
  });
  listener = slack.listener;
  await slack.start(core);
  return {
    slack,
    server: opened,
    anna: createPerson(opened, overHttp(url)),
    as: (user) => createPerson(opened, overHttp(url), { user }),
    url,
    async close() {
      await slack.stop();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
      if (server === undefined) await opened.close();
    },
  };
}

export function installationOf({ id, name, token }: { id: string; name: string; token: string }) {
  const bot = { token, scopes: [], id: "B0BOT0001", userId: "U0BOT0001" };
  const secret = {
    team: { id, name },
    bot,
    user: { id: ANNA.id },
    isEnterpriseInstall: false,
    authVersion: "v2",
  };
  return { workspaceName: name, installedBy: ANNA.id, secret: JSON.stringify(secret) };
}

/** Slack as the contract sees a chat platform. */
export function harnessOf({ slack, server, anna, close }: OpenSlack): ChatPlatformHarness {
  const { world } = server;
  const channel = { platform: "slack", workspace: ACME.id, channel: LOGS.id };
  const sees = (message: StoredMessage) => message.onlyFor === undefined || message.onlyFor === ANNA.id;
  const isFile = (message: StoredMessage) => message.files.length > 0;

  function messageOf(ts: string): StoredMessage {
    const found = world.messages.find((message) => message.ts === ts);
    if (found === undefined) throw new Error(`no message ${ts}`);
    return found;
  }

  function standing(message: StoredMessage): Standing {
    const shown = message.blocks.length > 0 ? readBlocks(message.blocks) : undefined;
    const shared = world.messages.filter(
      (one) => isFile(one) && one.channel === message.channel && one.thread === message.ts,
    );
    const isDirect = world.channels.some((one) => one.id === message.channel && one.of === ANNA.id);
    return {
      id: message.ts,
      ...(message.thread !== undefined && { thread: message.thread }),
      by: message.by === "bot" ? "bot" : "person",
      seenBy: message.onlyFor !== undefined || isDirect ? "caller" : "everybody",
      text: shown?.text ?? asShown(message.text),
      buttons: shown?.buttons.map(({ label }) => label) ?? [],
      links: shown?.links ?? [],
      pings: [...new Set([...(shown?.pings ?? []), ...pingsOf(message.text)])],
      pictures: (shown?.pictures ?? []).map(({ alt, file }) => ({
        alt,
        bytes: world.files.get(file)?.bytes ?? new Uint8Array(),
      })),
      files: shared.flatMap(({ files }) =>
        files.map((id) => {
          const file = world.files.get(id);
          return { name: file?.name ?? "", text: new TextDecoder().decode(file?.bytes) };
        }),
      ),
    };
  }

  async function act(delivered: Promise<{ again(): Promise<unknown> }>): Promise<Act> {
    const { again } = await delivered;
    return {
      async again() {
        await again();
      },
    };
  }

  return {
    platform: slack,
    channel,
    mentions: {
      person: ANNA.id,
      group: "&S0ONCALL1",
      wrong: [
        "!channel",
        "here",
        "channel",
        "everyone",
        "&U0ANNA001",
        "u0anna001",
        "U1> <!here",
        "123456789012345678",
      ],
    },
    command: (text) => act(anna.command(asTyped(text))),
    reply: (root, text) => act(anna.write(asTyped(text), root)),
    press: (id, label) => act(anna.press(messageOf(id), label)),
    async openForm() {
      const opened = world.views.at(-1);
      if (opened === undefined) return undefined;
      const { title, submit } = opened.view;
      return { title: title.text, submitLabel: submit?.text ?? "", fields: initialValues(opened.view) };
    },
    async fill(values) {
      const opened = world.views.at(-1);
      if (opened === undefined) throw new Error("no form stands open");
      const { acknowledged, again } = await anna.submit(opened, values);
      const { errors = {} } = (acknowledged ?? {}) as { errors?: Record<string, string> };
      return {
        mistakes: Object.values(errors).join("\n"),
        async again() {
          await again();
        },
      };
    },
    say: async (text) => anna.say(asTyped(text)).ts,
    explain: (id) => act(anna.explain(messageOf(id))),
    // Slack offers values in menus of forms only: that of the command's option is asked for what is typed.
    async suggest(text) {
      const at = completionAt(CATALOGUE_OF.get(slack) ?? [], text);
      if (at?.of !== "value") return [];
      const view = {
        callback_id: `${FORM}${at.command}`,
        private_metadata: encodeOrigin({ channel: LOGS.id }),
      };
      return anna.offered(view, at.option, at.typed);
    },
    standing: async () => world.messages.filter((message) => sees(message) && !isFile(message)).map(standing),
    async message(id) {
      const found = world.messages.find((message) => message.ts === id && sees(message));
      return found && standing(found);
    },
    async gone() {
      return { place: channel, id: "1700000000.000001" };
    },
    privately: privateWays(server),
    complaints: () => server.complaints,
    close,
  };
}

function privateWays({ world, faults, calls, answers }: SlackServer): PrivateWays {
  const isTheirs = (channel: string | undefined) =>
    world.channels.some(({ id, of }) => id === channel && of === ANNA.id);
  return {
    refuseFirst: () => faults.next("response_url", { kind: "error", code: "expired_url" }),
    loseAnswer: () => faults.next("response_url", { kind: "answer lost" }),
    async refuseAll() {
      faults.always("response_url", { kind: "status", status: 404 });
      faults.always("chat.postEphemeral", { kind: "error", code: "user_not_in_channel" });
      faults.always("chat.postMessage", { kind: "error", code: "cannot_dm_bot" });
    },
    sent: async () => [
      ...calls.map(({ method, args }) => ({
        text: JSON.stringify(args),
        isPrivate:
          (method === "chat.postEphemeral" && args.user === ANNA.id) ||
          (method === "chat.postMessage" && isTheirs(args.channel)),
        aside: `${args.text} ${args.metadata}`,
      })),
      ...answers.map((text) => {
        const { response_type: to, replace_original: replaces, text: aside } = JSON.parse(text);
        return { text, isPrivate: to === "ephemeral" && replaces === false, aside: String(aside) };
      }),
      ...[...world.files.values()].map(({ bytes }) => ({
        text: new TextDecoder().decode(bytes),
        isPrivate: false,
        aside: "",
      })),
    ],
  };
}

const CATALOGUE_OF = new WeakMap<Slack, ChatCore["catalogue"]>();

export async function openSocketHarness(core: ChatCore): Promise<ChatPlatformHarness> {
  const opened = await openSocketSlack(core);
  CATALOGUE_OF.set(opened.slack, core.catalogue);
  return harnessOf(opened);
}

export async function openHttpHarness(core: ChatCore): Promise<ChatPlatformHarness> {
  const opened = await openHttpSlack(core);
  CATALOGUE_OF.set(opened.slack, core.catalogue);
  return harnessOf(opened);
}

export const ONE_PIXEL = new Uint8Array(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
);
