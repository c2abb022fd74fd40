import {
  type APIInteraction,
  GatewayDispatchEvents as Event,
  type GatewayChannelUpdateDispatchData,
  type GatewayGuildMemberUpdateDispatchData,
  type GatewayMessageCreateDispatchData,
} from "discord.js";
import type { Card } from "../../src/chat/card.ts";
import type { Once } from "../../src/chat/once.ts";
import type { ChatCore, Person, Place } from "../../src/chat/platform.ts";
import type { Log } from "../../src/log.ts";
import type { Answers } from "./answers.ts";
import type { Api } from "./api.ts";
import type { Channels } from "./channels.ts";
import type { NativeCommands } from "./commands.ts";
import { createInteractions } from "./interactions.ts";
import type { DiscordMessage } from "./message.ts";
import { createMessages } from "./messages.ts";
import type { Places } from "./places.ts";
import type { Refusals } from "./refusals.ts";
import type { Patience } from "./retrying.ts";
import type { Servers } from "./servers.ts";
import type { Threads } from "./threads.ts";

export interface InboundParts {
  api: Api;
  answers: Answers;
  channels: Channels;
  once: Once;
  places: Places;
  refusals: Refusals;
  servers: Servers;
  threads: Threads;
  log: Log;
  patience: Patience;
  me: () => string | undefined;
  draw(card: Card): Promise<DiscordMessage>;
  /** Shows in a thread what somebody asked in a field of their own. Never fails. */
  quote(place: Place, person: Person, asked: string, actId: string): Promise<void>;
}

/** What the gateway dispatches, each to whom it concerns. Never throws. */
export function createInbound(parts: InboundParts & { core: ChatCore; native: NativeCommands }) {
  const { core, once, refusals, channels, threads, me } = parts;
  const interactions = createInteractions(parts);
  const messages = createMessages(parts);

  /** It may be allowed now. */
  function tryAgain(guild: string): void {
    refusals.forget(guild);
    void once.inHand(core.reachAgain({ platform: "discord", workspace: guild }));
  }

  return (event: string, data: unknown): void => {
    switch (event) {
      case Event.InteractionCreate:
        void once.inHand(interactions.take(data as APIInteraction));
        return;
      case Event.MessageCreate:
        void once.inHand(messages.take(data as GatewayMessageCreateDispatchData));
        return;
      case Event.ChannelUpdate:
      case Event.GuildRoleUpdate: {
        const { guild_id: guild } = data as GatewayChannelUpdateDispatchData;
        if (typeof guild === "string") tryAgain(guild);
        return;
      }
      case Event.GuildMemberUpdate: {
        const { guild_id: guild, user } = data as GatewayGuildMemberUpdateDispatchData;
        if (user.id === me()) tryAgain(guild);
        return;
      }
      case Event.GuildCreate:
        tryAgain((data as { id: string }).id);
        return;
      case Event.ChannelDelete:
        channels.forget((data as { id: string }).id);
        return;
      case Event.ThreadDelete:
        threads.forget((data as { id: string }).id);
        return;
    }
  };
}
