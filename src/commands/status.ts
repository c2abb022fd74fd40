import { type Channel, listChannels } from "../alerting/channels.ts";
import { listDeadLetters } from "../alerting/deadLetters.ts";
import { deliveryBacklog } from "../alerting/deliveries.ts";
import { listMutes, type Mute } from "../alerting/mutes.ts";
import { listTroubles } from "../alerting/troubles.ts";
import { duration } from "../analysis/words.ts";
import { countOpenAnomalies } from "../anomalies/store.ts";
import { learntText } from "../anomalies/summary.ts";
import { findWatch, type Watch } from "../anomalies/watchStore.ts";
import type { Cache } from "../cache/cache.ts";
import type { Block, Card, Inline, Item, Text } from "../chat/card.ts";
import type { ChatPlatform, PlatformHealth } from "../chat/platform.ts";
import { platformTitle } from "../chat/platformTitle.ts";
import { shownName } from "../chat/shownName.ts";
import { hasEnded, recordedUntil, recordingText } from "../logs/recording.ts";
import type { LogSource } from "../logs/source.ts";
import { lastFailure } from "../models/calls.ts";
import { findChoice } from "../models/choices.ts";
import { chosenOf, type Models } from "../models/tenantModel.ts";
import type { TenantDirectory, Workspace } from "../tenancy/directory.ts";
import { type Command, defineCommand, message } from "./command.ts";
import { loadText } from "./model/load.ts";
import { deadLetterItem, troubleText } from "./statusTroubles.ts";

/** An unsent message older than this is something to mend. */
const LATE_MS = 60_000;
const SERVICES_WITHIN_MS = 60 * 60_000;
/** A minute for the lines to arrive, one until the next scan, and some. */
const BEHIND_MS = 5 * 60_000;
const LISTED = 20;
const TROUBLES = 10;
const DAY_MS = 24 * 60 * 60_000;
/** Each is asked of its platform. */
const OTHERS_SHOWN = 9;

export interface StatusParts {
  directory: Pick<TenantDirectory, "workspacesOf">;
  logs: LogSource;
  cache: Cache;
  platforms: readonly ChatPlatform[];
  models: Models;
  now: () => number;
}

export function statusCommand(parts: StatusParts): Command {
  return defineCommand({
    name: "status",
    summary: "What is read, what is open, what is muted, and what is broken and how to mend it",
    examples: ["status"],
    role: "viewer",
    visibility: "channel",
    options: [],
    async run(call) {
      return message(await statusCard(call.workspace(), parts), "channel");
    },
  });
}

/** How things stand for a workspace: what it says of mending is complete. */
export async function statusCard(
  workspace: Workspace,
  { directory, logs, cache, platforms, models, now }: StatusParts,
): Promise<Card> {
  const { scope } = workspace;
  const toMs = now();
  const range = { fromMs: toMs - SERVICES_WITHIN_MS, toMs };
  const recordedMs = recordedUntil(logs, scope.lokiOrgId);
  const [
    source,
    services,
    cached,
    open,
    backlog,
    refused,
    chat,
    channels,
    mutes,
    troubles,
    watch,
    choice,
    failure,
  ] = await Promise.all([
    logs.health(scope.lokiOrgId),
    logs.services(scope.lokiOrgId, range).catch(() => []),
    cache.health(),
    countOpenAnomalies(scope),
    deliveryBacklog(scope),
    listDeadLetters(scope, toMs - DAY_MS),
    chatHealth(workspace, directory, platforms),
    listChannels(scope, "alerts"),
    listMutes(scope, toMs),
    listTroubles(scope, TROUBLES),
    findWatch(scope),
    findChoice(scope),
    lastFailure(scope),
  ]);
  const chosen = chosenOf(choice, models);
  const asked = chosen === undefined ? undefined : `${chosen.model.provider} ${chosen.name}`;
  const lateMs = backlog.oldestMs === undefined ? 0 : toMs - backlog.oldestMs;
  const sentences: Text[] = [
    ...(source.ok ? source.warnings : [source.summary, ...source.warnings]),
    ...chat.flatMap(({ ok, summary, warnings }) => (ok ? warnings : [summary, ...warnings])),
    ...(cached.ok ? cached.warnings : [cached.summary, ...cached.warnings]),
    ...(watch?.failing === undefined ? [] : [`Services are not watched: ${watch.failing.why}`]),
    ...(lateMs > LATE_MS
      ? [`The oldest unsent message has waited ${duration(lateMs)}: see the process's log for why.`]
      : []),
    ...(asked === undefined || failure === undefined
      ? []
      : [`The built-in analyzer answers in place of ${asked}: ${failure}`]),
    ...troubles.map((trouble) => troubleText(trouble, workspace.id)),
  ];
  const broken: Item[] = [
    ...sentences.map((heading) => ({ heading })),
    ...deadLetterItem(refused, troubles, workspace.id),
  ];
  const names = [...new Set(services.map((ref) => shownName(ref.service)))];
  const body: Block[] = [
    {
      kind: "facts",
      facts: [
        { label: "Organisation", value: scope.lokiOrgId },
        { label: "Logs", value: source.summary },
        ...(recordedMs === undefined ? [] : [{ label: "Recording", value: recordingText(recordedMs, toMs) }]),
        { label: "Chat", value: chat.map(({ summary }) => summary).join(" ") },
        { label: "Services in the last hour", value: names.length === 0 ? "none" : listed(names) },
        { label: "Open anomalies", value: String(open) },
        { label: "Watching", value: watchText(watch, toMs) },
        {
          label: "Alert channels",
          value: alertChannels(channels, workspace.id),
        },
        {
          label: "Unsent messages",
          value: backlog.unsent === 0 ? "0" : `${backlog.unsent}, the oldest for ${duration(lateMs)}`,
        },
        { label: "Cache", value: cached.summary },
        { label: "Root causes", value: explainedBy(chosen) },
      ],
    },
  ];
  if (mutes.length > 0) {
    body.push({ kind: "text", text: [{ strong: "Muted" }] });
    body.push({ kind: "items", items: mutes.slice(0, LISTED).map(muteItem) });
    if (mutes.length > LISTED)
      body.push({ kind: "text", text: `And ${mutes.length - LISTED} more, which end later.` });
  }
  if (broken.length > 0) {
    body.push({ kind: "text", text: [{ strong: "To mend" }] });
    body.push({ kind: "items", items: broken });
  }
  if (broken.length === 0 && hasEnded(recordedMs, toMs))
    return { title: "The recording has ended", tone: "neutral", badge: "ENDED", body };
  return {
    title: broken.length === 0 ? "LogHunter is working" : `${broken.length} to mend`,
    tone: !source.ok ? "critical" : broken.length > 0 ? "warning" : "good",
    badge: !source.ok ? "NOT READING LOGS" : broken.length > 0 ? "ATTENTION" : "OK",
    body,
  };
}

function explainedBy(chosen: ReturnType<typeof chosenOf>): Text {
  if (chosen === undefined) return "built-in analyzer, no model";
  const load = loadText(chosen.model);
  return [`${chosen.model.provider} ${chosen.name}`, ...(load.length === 0 ? [] : [": ", ...load])];
}

/** How every workspace of the organisation is reached: its own first, since that one can be seen to work. */
async function chatHealth(
  own: Workspace,
  directory: StatusParts["directory"],
  platforms: readonly ChatPlatform[],
): Promise<PlatformHealth[]> {
  const others = (await directory.workspacesOf(own.scope)).filter(({ id }) => id !== own.id);
  return Promise.all(
    [own, ...others.slice(0, OTHERS_SHOWN)].map(async (workspace) => {
      const platform = platforms.find(({ name }) => name === workspace.platform);
      if (platform !== undefined) return platform.health(workspace.externalId);
      return {
        ok: false,
        summary: `${platformTitle(workspace.platform)} is not running in this LogHunter.`,
        warnings: [],
      };
    }),
  );
}

/** Whether alerts are posted, how much is known, and whether minutes are missing. */
function watchText(watch: Watch | undefined, nowMs: number): Text {
  if (watch?.scannedUntilMs === undefined) return "not begun yet";
  const mode = watch.liveSinceMs === undefined ? "shadow mode: alerts are collected, not posted" : "live";
  const behindMs = nowMs - watch.scannedUntilMs;
  return [
    `${mode}; ${learntText(watch, nowMs)}`,
    ...(behindMs > BEHIND_MS
      ? ["; behind, up to ", { atMs: watch.scannedUntilMs, show: "time" as const }]
      : []),
  ];
}

function alertChannels(channels: readonly Channel[], own: string): Text {
  if (channels.length === 0) return ["none: type ", { code: "channel alerts" }, " in one"];
  const here = channels.filter(({ workspaceId }) => workspaceId === own);
  const shown = here
    .slice(0, LISTED)
    .flatMap(({ externalId }, at): Inline[] => [at === 0 ? "" : ", ", { channel: externalId }]);
  if (here.length > LISTED) shown.push(` and ${here.length - LISTED} more`);
  const others = channels.length - here.length;
  if (others === 0) return shown;
  return [...shown, `${here.length === 0 ? "" : " and "}${others} in other workspaces`];
}

function muteItem({ service, endsAtMs, reason, mutedBy }: Mute): Item {
  return {
    heading: [{ strong: shownName(service) }, " until ", { atMs: endsAtMs, show: "date and time" }],
    detail: `by ${mutedBy}${reason === undefined ? "" : `: ${reason}`}`,
  };
}

function listed(names: readonly string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return `${names.slice(0, LISTED).join(", ")}${more}`;
}
