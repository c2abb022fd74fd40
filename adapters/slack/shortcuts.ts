import type { App } from "@slack/bolt";
import { acknowledge, type Hearing, vouched } from "./inbound.ts";
import { pastedText } from "./pastedText.ts";
import { messageShortcut } from "./payloads.ts";

/** The callback id of "Explain this log" in the app's manifest. */
const EXPLAIN = "explain_log";

/** What is chosen in the menu of a message. */
export function hearShortcuts(app: App, { core, reception, answers, log }: Hearing): void {
  app.shortcut(/.*/, async ({ ack, body, context }) => {
    await acknowledge(log, () => ack());
    const parsed = messageShortcut.safeParse(body);
    if (!parsed.success || parsed.data.callback_id !== EXPLAIN) return;
    const { user, channel, message, trigger_id, action_ts, response_url } = parsed.data;
    const root = message.thread_ts ?? undefined;
    const inThread = root !== undefined && root !== message.ts ? { thread: root } : {};
    const arrival = {
      ...vouched(context),
      actId: `explain:${user.id}:${message.ts}:${action_ts ?? trigger_id}`,
      userId: user.id,
      userName: user.username ?? user.name ?? undefined,
      userTeam: user.team_id ?? undefined,
      responseUrl: response_url ?? undefined,
      at: { channel: channel.id, thread: root ?? message.ts },
    };
    void reception.receive(arrival, async ({ person, asker, placeOf }) => {
      const place = placeOf({ channel: channel.id, ...inThread });
      const reply = await core.handle({
        kind: "explain",
        id: arrival.actId,
        place,
        person,
        text: pastedText(message),
        message: { place, id: message.ts },
      });
      await answers.give(asker, reply);
    });
  });
}
