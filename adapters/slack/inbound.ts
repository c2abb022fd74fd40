import type { App, Context } from "@slack/bolt";
import type { ChatCore } from "../../src/chat/platform.ts";
import type { Log } from "../../src/log.ts";
import type { Accounts } from "./accounts.ts";
import type { Answers } from "./answers.ts";
import { hearCommands } from "./commands.ts";
import { hearEvents } from "./events.ts";
import { type Forms, hearForms } from "./formActs.ts";
import type { Home } from "./home.ts";
import type { People } from "./people.ts";
import { hearPresses } from "./presses.ts";
import type { Arrival, Reception } from "./reception.ts";
import { hearShortcuts } from "./shortcuts.ts";

/** What the listeners of Slack's acts work with. */
export interface Hearing {
  core: ChatCore;
  reception: Reception;
  answers: Answers;
  forms: Forms;
  home: Home;
  people: People;
  accounts: Accounts;
  log: Log;
}

/**
 * Turns everything that Slack delivers into acts for the core. Each is acknowledged before anything else is done, but a form that was
 * sent off: what is wrong with it can only be shown with that.
 */
export function hear(app: App, hearing: Hearing): void {
  hearCommands(app, hearing);
  hearPresses(app, hearing);
  hearShortcuts(app, hearing);
  hearForms(app, hearing);
  hearEvents(app, hearing);
  app.error(async (err) => hearing.log.error({ err }, "slack: a delivery could not be handled"));
}

/** Tells Slack that it has arrived. Where that fails Slack delivers it again; what was to be done is done all the same. */
export async function acknowledge(log: Log, ack: () => Promise<void>): Promise<void> {
  try {
    await ack();
  } catch (err) {
    log.warn({ err }, "slack: an act could not be acknowledged");
  }
}

/** The part of an arrival that the SDK read out of the payload. */
export function vouched({
  teamId,
  enterpriseId,
  retryNum,
}: Context): Pick<Arrival, "workspace" | "enterpriseId" | "isRepeated"> {
  return { workspace: teamId ?? "", enterpriseId, isRepeated: (retryNum ?? 0) > 0 };
}
