import { SENSITIVITIES, type Sensitivity } from "../anomalies/sensitivity.ts";
import { listSettings, saveSettings } from "../anomalies/settings.ts";
import type { Card } from "../chat/card.ts";
import { atStart } from "../chat/shownName.ts";
import { audited } from "../commands/audited.ts";
import { changeMode } from "../commands/watch/mode.ts";
import type { WatchParts } from "../commands/watch/status.ts";
import type { ActionHandler } from "./action.ts";

/** "Go live" and "Back to shadow mode" under the summary. */
export function modeAction(mode: "live" | "shadow", { now }: WatchParts): ActionHandler {
  return {
    name: `watch.${mode}`,
    opens: "answer",
    role: "admin",
    async run(press) {
      const card = await changeMode(press, mode === "live", now());
      return { kind: "message", visibility: "channel", card };
    },
  };
}

/** "More sensitive" and "Less sensitive": one step, for all services that nothing else is said of. */
export function sensitivityAction(way: "more" | "less"): ActionHandler {
  return {
    name: `watch.${way}`,
    opens: "answer",
    role: "admin",
    async run(press) {
      const { workspace, person } = press;
      const { scope } = workspace();
      const { before, next } = await audited<Record<"before" | "next", Sensitivity>>(
        press,
        ({ before, next }) =>
          next === before
            ? undefined
            : { action: "watch.changed", subject: "all services", detail: { sensitivity: next } },
        async (db) => {
          const settings = await listSettings(scope, db, true);
          const all = settings.find(({ service }) => service === "");
          const before = all?.sensitivity ?? "normal";
          const at = SENSITIVITIES.indexOf(before) + (way === "more" ? 1 : -1);
          const next = SENSITIVITIES[Math.min(SENSITIVITIES.length - 1, Math.max(0, at))] as Sensitivity;
          if (next !== before)
            await saveSettings(scope, db, {
              ...all,
              ...{ service: "", namespace: "", sensitivity: next, setBy: person.name },
            });
          return { before, next };
        },
      );
      return { kind: "message", visibility: "channel", card: sensitivityCard(before, next, person.name) };
    },
  };
}

function sensitivityCard(before: Sensitivity, next: Sensitivity, by: string): Card {
  const isMost = next === before;
  return {
    title: `Sensitivity: ${next}`,
    tone: "good",
    badge: isMost ? "AS BEFORE" : "SAVED",
    body: [
      {
        kind: "text",
        text: isMost
          ? `It cannot be ${next === "high" ? "more" : "less"} sensitive than ${next}. For one service: watch settings.`
          : `${atStart(by)} changed it from ${before}, for all services that nothing else is said of.`,
      },
    ],
    footnote: "Type backtest with a service to see what it would have posted.",
  };
}
