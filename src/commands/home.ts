import { listChannels } from "../alerting/channels.ts";
import { meaningOfPolicy } from "../alerting/policy.ts";
import { type AnomalyEvent, listAnomalies } from "../anomalies/store.ts";
import { type Block, button, type Card, type Item } from "../chat/card.ts";
import type { Role } from "../chat/command.ts";
import { shownName } from "../chat/shownName.ts";
import type { Workspace } from "../tenancy/directory.ts";
import { withNames } from "./names.ts";
import { type StatusParts, statusCard } from "./status.ts";

const OPEN_SHOWN = 10;
const CHANNELS_SHOWN = 10;

/** The bot's own page, where a platform has one: how things stand, what is open, and how it is set. */
export async function homeCard(
  workspace: Workspace | undefined,
  role: Role | undefined,
  parts: StatusParts,
): Promise<Card> {
  if (workspace === undefined) return NOT_CONNECTED;
  const { scope, id } = workspace;
  const [status, open, channels] = await Promise.all([
    statusCard(workspace, parts),
    listAnomalies(scope, { state: "open" }, OPEN_SHOWN),
    listChannels(scope),
  ]);
  const at = { platform: workspace.platform, workspace: workspace.externalId };
  const own = await Promise.all(
    channels
      .filter(({ workspaceId }) => workspaceId === id)
      .slice(0, CHANNELS_SHOWN)
      .map(async (one) => ({ ...one, ...(await withNames(one.policy, at, parts.platforms)) })),
  );
  return {
    ...status,
    body: [
      ...status.body,
      heading("Open anomalies"),
      ...(open.length === 0
        ? [{ kind: "text" as const, text: "None." }]
        : [{ kind: "items" as const, items: open.map(anomalyItem) }]),
      heading("Settings"),
      ...(own.length === 0
        ? [
            {
              kind: "text" as const,
              text: [
                "No channel gets alerts yet. Type ",
                { code: "/loghunter channel alerts" },
                " in the one that should.",
              ],
            },
          ]
        : [
            {
              kind: "items" as const,
              items: own.map(({ externalId, purpose, policy }) => ({
                heading: [
                  { strong: purpose === "alerts" ? "Alerts" : "API keys" },
                  " in ",
                  { channel: externalId },
                ],
                ...(purpose === "alerts" && {
                  detail: meaningOfPolicy(policy)
                    .map(({ label, value }) => `${label}: ${value}`)
                    .join("; "),
                }),
              })),
            },
          ]),
    ],
    actions: [
      button("Save a filter", { name: "filters.save", subject: "" }),
      button("Mute a service", { name: "mute", subject: "" }),
    ],
    footnote: [
      "You are ",
      role === "admin" ? "an admin" : `a ${role ?? "guest"}`,
      ". As of ",
      { atMs: parts.now(), show: "time" },
      ".",
    ],
  };
}

function heading(text: string): Block {
  return { kind: "text", text: [{ strong: text }] };
}

function anomalyItem({ severity, service, metric, startedAtMs }: AnomalyEvent): Item {
  return {
    heading: [{ strong: `${severity}  ${shownName(service)}` }, `  ${metric.replaceAll("_", " ")}`],
    detail: ["since ", { atMs: startedAtMs, show: "date and time" }],
  };
}

const NOT_CONNECTED: Card = {
  title: "LogHunter sees no logs yet",
  tone: "warning",
  badge: "NOT CONNECTED",
  body: [
    {
      kind: "text",
      text: [
        "An admin connects this workspace with ",
        { code: "/loghunter connect <loki org id> code:<code>" },
        ". Whoever runs LogHunter gets the code in its web console, with ",
        { code: "/loghunter tenant invite" },
        ".",
      ],
    },
  ],
};
