import { setMaxListeners } from "node:events";
import type { DrawChart } from "../../src/charts/chart.ts";
import type { Acts } from "../../src/chat/acts.ts";
import type { Card } from "../../src/chat/card.ts";
import { createOnce } from "../../src/chat/once.ts";
import {
  actAnsweredBy,
  type ChatCore,
  type ChatPlatform,
  type Delivery,
  type MessageRef,
} from "../../src/chat/platform.ts";
import type { Log } from "../../src/log.ts";
import { createAnswers } from "./answers.ts";
import { createApi, type Done } from "./api.ts";
import { createChannels } from "./channels.ts";
import { nativeCommands } from "./commands.ts";
import { createDirect } from "./direct.ts";
import { deliveryOf, type Failure, TOKEN_REJECTED } from "./errors.ts";
import { createGateway } from "./gateway.ts";
import { healthOf } from "./health.ts";
import { createInbound } from "./inbound.ts";
import { type Answered, createInteractionPosting } from "./interactionPosting.ts";
import { LIMITS } from "./limits.ts";
import { commandsTrouble, lookAt } from "./look.ts";
import { withoutEveryone } from "./mentions.ts";
import { type DiscordMessage, messageOf } from "./message.ts";
import { directly } from "./notes.ts";
import { createPlaces } from "./places.ts";
import { createPosting } from "./posting.ts";
import { provenPosting } from "./proven.ts";
import { createQuote } from "./quote.ts";
import { findReach } from "./reach.ts";
import { createRefusals } from "./refusals.ts";
import { registerCommands } from "./register.ts";
import { createSecrets } from "./secrets.ts";
import { createServers } from "./servers.ts";
import { createStanding, nonceOf } from "./standing.ts";
import { createThreads } from "./threads.ts";
import { WAITS, type Waits, within } from "./waits.ts";
import { whoIs } from "./whoIs.ts";

export interface DiscordOptions {
  token: string;
  /** Base of Discord's REST interface, such as that of a proxy; Discord's own where absent. */
  apiUrl?: string;
  /** The bot has the privileged intent: it is told what people write in threads. */
  messageContent: boolean;
  draw: DrawChart;
  log: Log;
  now: () => number;
  acts: Acts;
  waits?: Partial<Waits>;
}

export interface Discord extends ChatPlatform {
  /** In place of a start: from then on it answers by what Discord's REST interface says. The gateway gives each bot few sessions a day. */
  look(): void;
}

/** Discord as a chat platform: over its gateway, with the fewest rights that will do. */
export function createDiscord(options: DiscordOptions): Discord {
  const { log, now, messageContent } = options;
  const waits = { ...WAITS, ...options.waits };
  const stopping = new AbortController();
  // Whatever waits listens to it: there is no number of answers that would be too many.
  setMaxListeners(0, stopping.signal);
  const patience = { now, waits, stopping: stopping.signal };
  let dispatch: ((event: string, data: unknown) => void) | undefined;
  let register: ((application: string) => void) | undefined;
  let reachAgain: ChatCore["reachAgain"] = async () => undefined;
  let isLooking = false;
  /** Whose commands should be registered, and which. */
  let offered: { application: string; commands: readonly unknown[] } | undefined;

  const api = createApi({
    ...options,
    apiUrl: options.apiUrl,
    waits,
    onTokenRejected: () => gateway.halt(TOKEN_REJECTED),
  });
  const gateway = createGateway({
    ...options,
    apiUrl: options.apiUrl,
    api,
    waits,
    onDispatch: (event, data) => dispatch?.(event, data),
    onReady: (application) => register?.(application),
  });
  const { me } = gateway;
  const once = createOnce({ platform: NAME, acts: options.acts, log });
  const servers = createServers(gateway.client);
  const channels = createChannels(api, servers);
  const refusals = createRefusals({ now, refusalMs: waits.refusalMs });
  const threads = createThreads({ api, channels, refusals, log });
  const standing = createStanding(api, now);
  const posting = createPosting({ api, channels, threads, refusals, servers, standing, me });
  const places = createPlaces({ api, channels, refusals, me });
  const direct = createDirect({ api, channels, posting, servers });
  const byInteraction = createInteractionPosting(api, stopping.signal);
  const draw = (card: Card) => messageOf(card, { draw: options.draw, log, ask: !messageContent });
  const { tell, placeWith: directPlace } = direct;
  const secrets = createSecrets({ api, posting, log, stopping: stopping.signal, draw, directPlace });
  const answers = createAnswers({
    ...{ byInteraction, threads, secrets, log, patience, draw, tell },
    posting: provenPosting(posting, (at) => reachAgain(at)),
  });
  const quote = createQuote({ posting, draw, log, stopping: stopping.signal });

  return {
    name: NAME,
    limits: LIMITS,
    workspaceWord: "server",

    async start(core: ChatCore) {
      ({ reachAgain } = core);
      const native = nativeCommands(core.catalogue);
      dispatch = createInbound({
        ...{ core, native, api, answers, channels, once, places, refusals, servers, threads },
        ...{ log, patience, me, draw, quote },
      });
      const registered = new Promise<void>((resolve) => {
        let begun = false;
        register = (application) => {
          if (begun) return;
          begun = true;
          offered = { application, commands: native.commands };
          const work = registerCommands(native.commands, application, { api, log, patience });
          void once.inHand(work.then(resolve));
        };
      });
      await gateway.start();
      if (gateway.state().kind === "connected") await within(waits.requestMs, registered);
    },

    look() {
      isLooking = true;
    },

    async stop() {
      dispatch = undefined;
      await within(waits.stopMs, once.settled());
      stopping.abort();
      await gateway.stop();
      // What was told to stop has this long to say so.
      await within(STOPPED_MS, once.settled());
      api.close();
    },

    async post(place, card, { deliveryId, maybeSent, signal }) {
      if (isOver(signal)) return NOT_SENT;
      const message = await draw(forServer(card, place.workspace));
      const how = {
        title: card.title,
        nonce: nonceOf(deliveryId),
        maybeSent: maybeSent === true,
        actId: actAnsweredBy(deliveryId),
        signal,
      };
      const sent = await posting.post(place, message, how);
      if (sent.kind !== "done") return deliveryOf(sent);
      if (sent.value.place.thread === undefined) openForQuestions(sent.value, card);
      return { outcome: "sent", message: sent.value };
    },

    async edit(ref, card, signal) {
      if (isOver(signal)) return NOT_SENT;
      const message = await draw(forServer(card, ref.place.workspace));
      const answer = byInteraction.answered(ref.id);
      const edited = answer?.privately
        ? await answer.edit(ref, message, signal)
        : await editForAll(answer, ref, message, signal);
      if (edited.kind !== "done") return deliveryOf(edited);
      if (!answer?.privately) openForQuestions(ref, card);
      return { outcome: "sent", message: ref };
    },

    async tell(workspace, personId, card, { deliveryId, maybeSent, signal }) {
      if (isOver(signal)) return NOT_SENT;
      const how = { title: "", nonce: nonceOf(deliveryId), maybeSent: maybeSent === true, signal };
      const place = { platform: NAME, workspace, channel: "" };
      const told = await tell(place, personId, await draw(directly(card)), how);
      return told.kind === "done" ? { outcome: "sent", message: told.value } : deliveryOf(told);
    },

    async addressOf({ id, place }) {
      const server = direct.isDirect(place.channel) ? "@me" : place.workspace;
      return `https://discord.com/channels/${server}/${place.thread ?? place.channel}/${id}`;
    },

    whoIs: (workspace, id) => whoIs(api, { guild: workspace, me: me(), id }),

    isConnected: () => gateway.state().kind === "connected",

    async health(workspace) {
      if (isLooking) return lookAt(api, { workspace, messageContent });
      const health = healthOf(workspace, { state: gateway.state(), servers, messageContent });
      if (!health.ok || offered === undefined) return health;
      const { application, commands } = offered;
      const trouble = await commandsTrouble(api, application, commands);
      return trouble === undefined ? health : { ...health, warnings: [...health.warnings, trouble] };
    },

    reach: ({ workspace, channel }, signal) =>
      findReach(api, { guild: workspace, me: me(), channel, signal }),
  };

  function isOver(signal: AbortSignal | undefined): boolean {
    return signal?.aborted === true || stopping.signal.aborted;
  }

  /** Nobody can write under a message before its thread is opened; nobody waits for that either. */
  function openForQuestions(ref: MessageRef, card: Card): void {
    if (card.discussable && ref.place.thread === undefined && !direct.isDirect(ref.place.channel)) {
      void once.inHand(threads.openUnder(ref, card.title));
    }
  }

  /** Commands are answered also where LogHunter may not look or write: there, the answer's own token edits it. */
  async function editForAll(
    answer: Answered | undefined,
    ref: MessageRef,
    message: DiscordMessage,
    signal: AbortSignal | undefined,
  ): Promise<Done<MessageRef> | Failure> {
    const edited = await posting.edit(ref, message, signal);
    const isShutOut =
      edited.kind === "refused" && (edited.reason === "not permitted" || edited.reason === "not installed");
    if (answer === undefined || !isShutOut) return edited;
    const instead = await answer.edit(ref, message, signal);
    return instead.kind === "too late" ? edited : instead;
  }
}

function forServer(card: Card, server: string): Card {
  return card.mentions === undefined ? card : { ...card, mentions: withoutEveryone(card.mentions, server) };
}

const NAME = "discord";
const STOPPED_MS = 500;
const NOT_SENT: Delivery = { outcome: "later", afterMs: 0, why: "nobody waits for it any longer" };
