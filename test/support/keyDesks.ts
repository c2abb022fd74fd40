import type { ConsoleClient } from "./consoleClient.ts";
import type { Asked } from "./discord/interactions.ts";
import type { Loopback } from "./discord/loopback.ts";
import { createAna } from "./discord/people.ts";
import { eventually } from "./eventually.ts";
import { discordSeat, type Seat, slackSeat, type webSeat } from "./seats.ts";
import { createPerson, overSocket } from "./slack/person.ts";
import type { SlackServer } from "./slack/server.ts";
import type { OpenView } from "./slack/world.ts";

/** An admin at a chat platform, with its forms. */
export interface KeyDesk extends Seat {
  /** Opens the form of a command and sends it off. @returns what is wrong with what was filled in */
  fill(command: string, values: Record<string, string>): Promise<string>;
  /** Writes into the channel, not to the bot. */
  write(text: string): Promise<void>;
  /** Types into a field that is completed. */
  type(command: string, option: string, text: string): Promise<void>;
  /** Chooses "Explain this log" on a message with that text. */
  explain(text: string): Promise<void>;
}

export function slackDesk(slack: SlackServer): KeyDesk {
  const anna = createPerson(slack, overSocket(slack));
  async function open(command: string): Promise<OpenView> {
    const before = new Set(slack.world.views);
    await anna.command(command);
    return eventually(
      () => slack.world.views.find((view) => !before.has(view)),
      `form of ${command} on Slack`,
    );
  }
  return {
    ...slackSeat(slack, anna),
    async fill(command, values) {
      const { acknowledged } = await anna.submit(await open(command), values);
      const { errors = {} } = (acknowledged ?? {}) as { errors?: Record<string, string> };
      return Object.values(errors).join("\n");
    },
    write: async (text) => void (await anna.mention(text)),
    async type(command, option, text) {
      const { view } = await open(command);
      const { callback_id = "", private_metadata = "" } = view;
      await anna.offered({ callback_id, private_metadata }, option, text);
    },
    explain: async (text) => void (await anna.explain(anna.say(text))),
  };
}

export function discordDesk(discord: Loopback): KeyDesk {
  const ana = createAna(discord, { readsContent: true });
  const { world } = discord;
  return {
    ...discordSeat(discord, ana),
    async fill(command, values) {
      const { asked } = ana.slash(command, {});
      await eventually(() => asked.modal, `form of ${command} on Discord`);
      const sent = ana.submit(asked, values);
      const { first } = await eventually(
        () => (sent.asked.first && sent.asked) as Asked | undefined,
        "answer",
      );
      return first?.type === 4 ? JSON.stringify(sent.asked.original?.api.components) : "";
    },
    write: async (text) => void ana.write(world.channel, `<@${world.bot.id}> ${text}`),
    async type(command, option, text) {
      const { asked } = ana.type(command, { [option]: text }, option);
      await eventually(() => asked.choices, `choices for ${command} ${option}`);
    },
    explain: async (text) => void ana.explain(ana.write(world.channel, text).message.api.id),
  };
}

export function webDesk(seat: Awaited<ReturnType<typeof webSeat>>): KeyDesk & { page: ConsoleClient } {
  const { page } = seat;
  return {
    ...seat,
    fill: (command, values) => page.fill(command, values),
    write: async (text) => void (await page.say(text)),
    type: (command, option, text) =>
      page.get(`/suggest?${new URLSearchParams({ channel: "logs", command, option, typed: text })}`),
    async explain(text) {
      const id = await page.say(text);
      const message = (await page.messages()).find(({ once }) => once === id);
      await page.explain(message?.id ?? "");
    },
  };
}
