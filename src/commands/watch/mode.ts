import { listChannels } from "../../alerting/channels.ts";
import { setLive } from "../../anomalies/watchStore.ts";
import { button, type Card } from "../../chat/card.ts";
import { atStart } from "../../chat/shownName.ts";
import { audited, type Caller } from "../audited.ts";
import { type Command, defineCommand, message } from "../command.ts";
import type { WatchParts } from "./status.ts";

/** `watch live`: from now on alerts are posted. */
export function watchLiveCommand({ now }: WatchParts): Command {
  return defineCommand({
    name: "watch live",
    summary: "Post alerts from now on, instead of collecting them only",
    examples: ["watch live"],
    role: "admin",
    visibility: "channel",
    options: [],
    run: async (call) => message(await changeMode(call, true, now()), "channel"),
  });
}

/** `watch shadow`: from now on alerts are collected, and summed up once a day. */
export function watchShadowCommand({ now }: WatchParts): Command {
  return defineCommand({
    name: "watch shadow",
    summary: "Post no alerts: collect what would have been posted, with a summary once a day",
    examples: ["watch shadow"],
    role: "admin",
    visibility: "channel",
    options: [],
    run: async (call) => message(await changeMode(call, false, now()), "channel"),
  });
}

/** Goes live or back, and says so: a second time changes nothing. */
export async function changeMode(call: Caller, isLive: boolean, nowMs: number): Promise<Card> {
  const { scope } = call.workspace();
  const setBy = call.person.name;
  const change = {
    action: "watch.changed",
    subject: "alerts",
    detail: { mode: isLive ? "live" : "shadow" },
  } as const;
  const isNew = await audited(call, change, (db) => setLive(scope, db, { isLive, setBy, nowMs }));
  const channels = await listChannels(scope, "alerts");
  const text = isLive
    ? "What is open now, and what is detected from now on, is posted to the alert channels within a minute. What is over already stays listed by anomalies."
    : "Nothing is posted any more. What is detected is collected, and summed up once a day in the alert channels.";
  return {
    title: isLive ? "Alerts are live" : "Shadow mode",
    tone: channels.length === 0 && isLive ? "warning" : "good",
    badge: isLive ? "LIVE" : "SHADOW",
    body: [
      {
        kind: "text",
        text: isNew
          ? `${atStart(setBy)} ${isLive ? "went live" : "went back to shadow mode"}. ${text}`
          : `It was so already. ${text}`,
      },
      ...(channels.length === 0
        ? [
            {
              kind: "text" as const,
              text: [
                "No channel gets alerts yet: type ",
                { code: "channel alerts" },
                " in the one that should.",
              ],
            },
          ]
        : []),
    ],
    ...(isLive && { actions: [button("Back to shadow mode", { name: "watch.shadow", subject: "" })] }),
  };
}
