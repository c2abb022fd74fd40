/**
 * 200 commands at once on Slack (Socket Mode) and then 200 on Discord, on the program as a user starts it, reading
 * from a Loki that takes two seconds for every answer: how long each waits for its acknowledgement, measured at the
 * platform's end, and whether each gets exactly one answer. Both platforms are stand-ins on 127.0.0.1 that check
 * what they are sent. Prints a table and, as its last line, {"ackP50Ms","ackP99Ms","commands","lost","doubled"}.
 */
import { rmSync } from "node:fs";
import { openLoopback, TOKEN } from "../test/support/discord/loopback.ts";
import { createAna } from "../test/support/discord/people.ts";
import { type StandInLine, startStandInLoki } from "../test/support/loki/standIn.ts";
import { endPrograms, makeStateDirectory, startProgram } from "../test/support/program.ts";
import { createPerson, overSocket } from "../test/support/slack/person.ts";
import { APP_TOKEN, openSlackServer } from "../test/support/slack/server.ts";
import { ACME } from "../test/support/slack/world.ts";

const COMMANDS = 200;
const SERVICES = 10;
const LOKI_MS = 2_000;
/** What takes longer than LogHunter's own limit of a command is answered with that. */
const ANSWERED_WITHIN_MS = 120_000;

interface Figures {
  ackMs: number[];
  answers: number[];
}

const directory = await makeStateDirectory();
const loki = await startStandInLoki({ tenants: { local: lines() } });
loki.fault({ kind: "slow", ms: LOKI_MS, times: 1_000_000, matches: ({ path }) => path.includes("query") });
const slack = await openSlackServer();
const discord = await openLoopback({ contentGranted: false });
discord.world.anaPermissions = 0x8n; // Administrator
try {
  await startProgram({
    STATE_DIR: directory,
    LOKI_URL: loki.url,
    SLACK_BOT_TOKEN: ACME.token,
    SLACK_APP_TOKEN: APP_TOKEN,
    SLACK_API_URL: slack.apiUrl,
    DISCORD_TOKEN: TOKEN,
    DISCORD_API_URL: discord.apiUrl,
  });
  const onSlack = await askSlack();
  const onDiscord = await askDiscord();
  report("Slack", onSlack);
  report("Discord", onDiscord);
  for (const complaint of [...slack.complaints, ...discord.complaints])
    console.log(`broken rule: ${complaint}`);
  const all = [onSlack, onDiscord];
  const ackMs = all.flatMap((one) => one.ackMs);
  const answers = all.flatMap((one) => one.answers);
  console.log(
    JSON.stringify({
      ackP50Ms: quantile(ackMs, 0.5),
      ackP99Ms: quantile(ackMs, 0.99),
      commands: answers.length,
      lost: answers.filter((count) => count === 0).length,
      doubled: answers.filter((count) => count > 1).length,
    }),
  );
} finally {
  await endPrograms();
  await Promise.all([slack.close(), discord.close(), loki.close()]);
  rmSync(directory, { recursive: true, force: true });
}

/** Ten services that log an error every few seconds. */
function lines(): StandInLine[] {
  const nowMs = Date.now();
  return Array.from({ length: SERVICES * 400 }, (_, at) => ({
    atNs: BigInt(nowMs - at * 1_000) * 1_000_000n,
    text: `ERROR order ${at} failed: connection refused`,
    labels: { service_name: `service-${at % SERVICES}`, namespace: "shop", level: "error" },
  }));
}

/** What people ask in an incident: mostly searches, groups of errors and root causes. */
function commandOf(at: number): { name: string; options: Record<string, string> } {
  const service = `service-${at % SERVICES}`;
  if (at % 10 === 0) return { name: "analyze", options: { service } };
  if (at % 3 === 0) return { name: "errors", options: { service } };
  return { name: "search", options: { service, text: `order ${at}` } };
}

/** Each in a channel of its own, so that its answer is known by where it stands. */
async function askSlack(): Promise<Figures> {
  const channels = Array.from({ length: COMMANDS }, (_, at) => `C9${String(at).padStart(7, "0")}`);
  for (const id of channels) slack.world.channels.push({ id, hasBot: true });
  const ackMs = await Promise.all(
    channels.map(async (channel, at) => {
      const { name, options } = commandOf(at);
      const person = createPerson(slack, overSocket(slack), { channel });
      const beganMs = performance.now();
      await person.command(
        [name, ...Object.entries(options).map(([key, value]) => `${key}:"${value}"`)].join(" "),
      );
      return performance.now() - beganMs;
    }),
  );
  const countOf = (channel: string) =>
    slack.world.messages.filter((message) => message.by === "bot" && message.channel === channel).length;
  await untilAnswered(channels.map((channel) => () => countOf(channel)));
  return { ackMs, answers: channels.map(countOf) };
}

/** An answer is what becomes of the message that "is thinking", and whatever is said after it. */
async function askDiscord(): Promise<Figures> {
  const ana = createAna(discord, { readsContent: false });
  const joined = ana.slash("connect", { org: "local", code: await invitation() }).asked;
  await untilAnswered([() => (joined.original?.pending === false ? 1 : 0)]);
  const before = said();
  const acts = Array.from({ length: COMMANDS }, (_, at) => {
    const { name, options } = commandOf(at);
    return ana.slash(name, options).asked;
  });
  const isAnswered = (act: (typeof acts)[number]) => act.original !== undefined && !act.original.pending;
  await untilAnswered(acts.map((act) => () => (isAnswered(act) ? 1 : 0)));
  const answered = acts.filter(isAnswered).length;
  const extra = said() - before - answered;
  return {
    ackMs: acts.map(({ atMs, first }) => (first?.atMs ?? Number.POSITIVE_INFINITY) - atMs),
    // Whatever else was said is one answer too many for somebody.
    answers: acts.map((act, at) => (isAnswered(act) ? 1 : 0) + (at < extra ? 1 : 0)),
  };
}

function said(): number {
  const { messages, bot } = discord.world;
  return [...messages.values()].filter(({ pending, api }) => !pending && api.author.id === bot.id).length;
}

async function invitation(): Promise<string> {
  await createPerson(slack, overSocket(slack)).command("tenant invite");
  const codes = () =>
    slack.world.messages.flatMap(
      ({ blocks }) => /code:([A-Z0-9-]{14})/.exec(JSON.stringify(blocks))?.[1] ?? [],
    );
  await untilAnswered([() => codes().length]);
  return codes()[0] ?? "";
}

async function untilAnswered(counts: readonly (() => number)[]): Promise<void> {
  const untilMs = Date.now() + ANSWERED_WITHIN_MS;
  while (Date.now() < untilMs && counts.some((count) => count() === 0)) await pause(100);
  await pause(500); // For a second answer that must not come.
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function report(platform: string, { ackMs, answers }: Figures): void {
  const cells = [0.5, 0.99, 1].map((q) => String(quantile(ackMs, q)).padStart(6)).join("");
  const lost = answers.filter((count) => count === 0).length;
  console.log(
    `${platform.padEnd(8)} acknowledged after ms (p50, p99, most)${cells}   commands ${answers.length}   unanswered ${lost}`,
  );
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0);
}
