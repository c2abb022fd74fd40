import { type Channel, listChannels } from "../../alerting/channels.ts";
import { isPlaceTrouble, mendingOf, noteReach } from "../../alerting/troubles.ts";
import { altText } from "../../charts/alt.ts";
import type { Chart } from "../../charts/chart.ts";
import { bounded } from "../../chat/bounded.ts";
import type { Card, Item, Link } from "../../chat/card.ts";
import type { ChatPlatform, Delivery, Place } from "../../chat/platform.ts";
import { platformTitle } from "../../chat/platformTitle.ts";
import { atStart } from "../../chat/shownName.ts";
import { UserError } from "../../errors.ts";
import type { TenantDirectory } from "../../tenancy/directory.ts";
import { type Call, type Command, defineCommand, message } from "../command.ts";

export interface ChannelTestParts {
  directory: TenantDirectory;
  platforms: readonly ChatPlatform[];
  now: () => number;
}

const SEND_TIMEOUT_MS = 15_000;
/** Others write meanwhile too. */
const AT_ONCE = 20;

/** `channel test`: posts what an alert looks like to every alert channel of the organisation, and says what came of each. */
export function channelTestCommand(parts: ChannelTestParts): Command {
  return defineCommand({
    name: "channel test",
    summary: "Post a test alert to the alert channels, and see what came of it",
    examples: ["channel test"],
    role: "admin",
    visibility: "caller",
    options: [],
    async run(call) {
      const { scope } = call.workspace();
      const channels = await listChannels(scope, "alerts");
      if (channels.length === 0)
        throw new UserError("No channel gets alerts yet. Type channel alerts in the one that should.");
      const items: Awaited<ReturnType<typeof testOne>>[] = [];
      for (let at = 0; at < channels.length; at += AT_ONCE) {
        const some = channels.slice(at, at + AT_ONCE);
        items.push(...(await Promise.all(some.map((channel) => testOne(parts, call, channel)))));
      }
      // Of many channels a card lists the first: those with something to mend.
      items.sort((a, b) => Number(isWell(a)) - Number(isWell(b)));
      const links = items.flatMap(({ link }) => link ?? []);
      const failed = items.filter(({ sent }) => !sent).length;
      const lossy = items.filter(({ without }) => without !== undefined).length;
      return message(
        {
          title: failed === 0 ? "The test alert arrived" : failedTitle(failed, items.length),
          tone: failed + lossy === 0 ? "good" : "warning",
          badge: failed + lossy === 0 ? "SENT" : "TO MEND",
          body: [
            { kind: "items", items: items.map(({ item }) => item) },
            ...(links.length === 0 ? [] : [{ kind: "links" as const, links }]),
          ],
        },
        "caller",
      );
    },
  });
}

function isWell({ sent, without }: Awaited<ReturnType<typeof testOne>>): boolean {
  return sent && without === undefined;
}

function failedTitle(failed: number, all: number): string {
  if (all === 1) return "The channel took no test alert";
  return failed === all
    ? `None of ${all} channels took the test alert`
    : `${failed} of ${all} channels took no test alert`;
}

async function testOne(
  { directory, platforms, now }: ChannelTestParts,
  call: Call,
  { workspaceId, externalId }: Channel,
): Promise<{ sent: boolean; without?: string | undefined; item: Item; link?: Link }> {
  const { scope } = call.workspace();
  const workspace = await directory.workspaceById(scope.tenantId, workspaceId);
  const platform = platforms.find(({ name }) => name === workspace?.platform);
  if (workspace === undefined || platform === undefined) {
    const why =
      workspace === undefined
        ? "Its workspace has left this organisation."
        : `${platformTitle(workspace.platform)} is not running in this LogHunter.`;
    return { sent: false, item: { heading: [{ code: externalId }], detail: `not sent. ${why}` } };
  }
  const place = { platform: platform.name, workspace: workspace.externalId, channel: externalId };
  const deliveryId = `${call.id}-${externalId}`;
  const delivery = await bounded(
    (signal) => platform.post(place, testCard(now(), call.person.name), { deliveryId, signal }),
    SEND_TIMEOUT_MS,
  );
  await noteReach(workspace, externalId, delivery);
  const address = delivery.outcome === "sent" ? await platform.addressOf(delivery.message) : undefined;
  const without = delivery.outcome === "sent" ? await lostAt(platform, place) : undefined;
  const isOwn = workspace.id === call.workspace().id;
  const isHere = isOwn && externalId === call.place.channel;
  return {
    sent: delivery.outcome === "sent",
    without,
    item: {
      heading: [
        { strong: platformTitle(platform.name) },
        "  ",
        // Names of another workspace's channels are known there only.
        isHere ? "this channel" : isOwn ? { channel: externalId } : { code: externalId },
      ],
      detail:
        without === undefined
          ? outcomeText(delivery)
          : `sent, and not all of it: ${without}. ${mendingOf("not permitted")}`,
    },
    ...(address !== undefined && {
      link: { label: `Open it in ${platformTitle(platform.name)}`, url: address },
    }),
  };
}

/** A message that arrives may have lost what it was sent with. */
async function lostAt(platform: ChatPlatform, place: Place): Promise<string | undefined> {
  const reach = await platform.reach(place, AbortSignal.timeout(SEND_TIMEOUT_MS));
  return reach.outcome === "open" ? reach.without : undefined;
}

function outcomeText(delivery: Delivery): string {
  switch (delivery.outcome) {
    case "sent":
      return "sent";
    case "later":
      return `not sent yet: ${delivery.why}. Try again in ${Math.ceil(delivery.afterMs / 1_000)} s.`;
    case "unknown":
      return `it may have arrived: ${delivery.why}. Look at the channel.`;
    case "refused":
      return `refused: ${delivery.reason} (${delivery.why}). ${isPlaceTrouble(delivery.reason) ? mendingOf(delivery.reason) : ""}`;
  }
}

const MINUTES = 60;

/** What an alert looks like, with made-up numbers that say so. */
function testCard(nowMs: number, by: string): Card {
  const stepMs = 60_000;
  const chart: Chart = {
    title: "example-service",
    unit: "errors / min",
    fromMs: Math.floor(nowMs / stepMs) * stepMs - MINUTES * stepMs,
    stepMs,
    values: Array.from({ length: MINUTES }, (_, at) => (at < 48 ? 2 + (at % 3) : 30 + (at % 7))),
  };
  return {
    title: "Test alert: nothing is wrong",
    tone: "warning",
    badge: "TEST",
    body: [
      {
        kind: "text",
        text: `${atStart(by)} asked for it. Alerts about your services will look like this, here.`,
      },
      {
        kind: "facts",
        facts: [
          { label: "Observed", value: [{ strong: "33" }, " errors a minute (example)"] },
          { label: "Expected", value: "3 (example)" },
          { label: "Since", value: [{ atMs: nowMs - 12 * stepMs, show: "time" }] },
        ],
      },
      { kind: "chart", chart, alt: altText(chart) },
    ],
    footnote: "A test: the numbers are made up, and nobody was mentioned.",
  };
}
