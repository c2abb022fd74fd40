import { randomUUID } from "node:crypto";
import type { types } from "@slack/bolt";
import type { Card } from "../../src/chat/card.ts";
import { fitCard } from "../../src/chat/fit.ts";
import type { ChatCore, Person, Reply } from "../../src/chat/platform.ts";
import type { Log } from "../../src/log.ts";
import type { Account } from "./accounts.ts";
import type { Answers } from "./answers.ts";
import type { Calls } from "./calls.ts";
import { LIMITS } from "./limits.ts";
import type { Pause } from "./pause.ts";
import { PLATFORM, type Received } from "./reception.ts";
import { renderCard } from "./render.ts";

/** The bot's own page: https://docs.slack.dev/surfaces/app-home */
export interface Home {
  /** Shows there what the core has for this person now. */
  refresh(account: Account, person: Person, actId?: string): Promise<void>;
  show(account: Account, personId: string, card: Card): Promise<void>;
}

export function createHome(core: ChatCore, calls: Calls, { log, pause }: { log: Log; pause: Pause }): Home {
  async function show(account: Account, personId: string, card: Card): Promise<void> {
    // Nothing can be kept of a page that is made anew at each look: charts are told in words.
    const { blocks } = renderCard(fitCard(card, LIMITS), new Map(), "home");
    const view: types.HomeView = { type: "home", blocks };
    for (const waitMs of [...WAITS_MS, undefined]) {
      const shown = await calls.make(account, (client) => client.views.publish({ user_id: personId, view }));
      if (shown.ok) return;
      if (waitMs === undefined || shown.outcome === "refused") {
        log.warn({ workspace: account.workspace, why: shown.why }, "slack: the Home tab could not be shown");
        return;
      }
      await pause(Math.max(waitMs, shown.outcome === "later" ? shown.afterMs : 0));
    }
  }

  return {
    show,
    async refresh(account, person, actId = randomUUID()) {
      const place = { platform: PLATFORM, workspace: account.workspace, channel: "" };
      const reply = await core.handle({ kind: "home", id: `home:${actId}`, place, person });
      if (reply.kind !== "silence") await show(account, person.id, reply.card);
    },
  };
}

/** An act that was done in the Home tab: the page shows what came of it. */
export async function answerAtHome(
  { home, answers }: { home: Home; answers: Answers },
  { asker, person }: Pick<Received, "asker" | "person">,
  reply: Reply,
  actId: string,
): Promise<void> {
  if (reply.kind === "replace") return home.show(asker.account, person.id, reply.card);
  await answers.give(asker, reply);
  await home.refresh(asker.account, person, actId);
}

/** Showing it twice does no harm; whoever waits longer looks again. */
const WAITS_MS = [500, 2_000, 10_000];
