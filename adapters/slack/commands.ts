import type { App } from "@slack/bolt";
import type { Inbound } from "../../src/chat/platform.ts";
import { acknowledge, type Hearing, vouched } from "./inbound.ts";
import { typedCommand } from "./markup.ts";
import { slashCommand } from "./payloads.ts";

/** Slash commands: whatever the app's one is called, what follows it is the command. */
export function hearCommands(app: App, { core, reception, answers, forms, log }: Hearing): void {
  app.command(/^\//, async ({ ack, body, context }) => {
    const parsed = slashCommand.safeParse(body);
    if (!parsed.success) return acknowledge(log, () => ack());
    const command = parsed.data;
    const call = { text: typedCommand(command.text).trim() };
    const opensForm = core.opensForm({ kind: "command", call });
    // What everybody sees the answer of, everybody sees the question of.
    const isForAll = !opensForm && core.visibilityOf(call) === "channel";
    await acknowledge(log, () => (isForAll ? ack({ response_type: "in_channel" }) : ack()));

    const at = { channel: command.channel_id };
    const arrival = {
      ...vouched(context),
      actId: `command:${command.trigger_id}`,
      userId: command.user_id,
      userName: command.user_name ?? undefined,
      // In a shared channel Slack names the workspace that hears it, whosever person types.
      userTeam: undefined,
      responseUrl: command.response_url ?? undefined,
      at,
    };
    void reception.receive(arrival, async ({ person, asker, placeOf }) => {
      const inbound: Inbound & { kind: "command" } = {
        kind: "command",
        id: arrival.actId,
        place: placeOf(at),
        person,
        call,
      };
      if (opensForm) return forms.open(inbound, asker, command.trigger_id, at);
      await answers.give(asker, await core.handle(inbound));
    });
  });
}
