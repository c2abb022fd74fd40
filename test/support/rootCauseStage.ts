import { rm } from "node:fs/promises";
import pg from "pg";
import { type Loopback, openLoopback, TOKEN } from "./discord/loopback.ts";
import { createAna } from "./discord/people.ts";
import { type StandInLoki, startStandInLoki } from "./loki/standIn.ts";
import { type AnalystServer, openAnalystServer } from "./models/analystModel.ts";
import { brokenShop } from "./models/brokenShop.ts";
import { createTestDatabase } from "./postgres.ts";
import { endPrograms, makeStateDirectory, type Program, startProgram } from "./program.ts";
import { discordSeat, type Seat, slackSeat, until, webSeat } from "./seats.ts";
import { createPerson, overSocket } from "./slack/person.ts";
import { APP_TOKEN, openSlackServer, type SlackServer } from "./slack/server.ts";
import { ACME } from "./slack/world.ts";

/** LogHunter in processes of its own, at Slack, Discord, Loki and a language model, all of them on loopback. */
export interface RootCauseStage {
  model: AnalystServer;
  loki: StandInLoki;
  slack: SlackServer;
  discord: Loopback;
  /** As the superuser who owns it. */
  databaseUrl: string;
  stateDirectory: string;
  /** Every process there has been, the latest last. */
  programs: Program[];
  seats: { slack: Seat; discord: Seat; web: Awaited<ReturnType<typeof webSeat>> };
  /** One more on the same database. Its console is the one that `seats.web` is at from now on. */
  start(): Promise<Program>;
  /** The latest is killed without warning, and another one started. */
  killAndStart(): Promise<void>;
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** A connection of the test's own, which can stand in the way of others. */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

/** Discord: https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags */
const ADMINISTRATOR = 0x8n;

/** @param env added to what every one of its processes gets */
export async function openRootCauseStage(
  env: Record<string, string> = {},
  { pieceMs = 0 } = {},
): Promise<RootCauseStage> {
  const [database, slack, discord, stateDirectory, model] = await Promise.all([
    createTestDatabase(),
    openSlackServer(),
    openLoopback({ contentGranted: true }),
    makeStateDirectory(),
    openAnalystServer({ pieceMs }),
  ]);
  const loki = await startStandInLoki({ tenants: { acme: brokenShop(Date.now()) } });
  discord.world.anaPermissions = ADMINISTRATOR;
  const connections: pg.Client[] = [];
  const programs: Program[] = [];

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: database.url });
    connections.push(client);
    await client.connect();
    return client;
  }
  const admin = await connect();

  async function start(): Promise<Program> {
    const program = await startProgram({
      DATABASE_URL: database.url,
      STATE_DIR: stateDirectory,
      ORG: "acme",
      LOKI_URL: loki.url,
      SLACK_BOT_TOKEN: ACME.token,
      SLACK_APP_TOKEN: APP_TOKEN,
      SLACK_API_URL: slack.apiUrl,
      DISCORD_TOKEN: TOKEN,
      DISCORD_API_URL: discord.apiUrl,
      DISCORD_MESSAGE_CONTENT: "yes",
      OPENAI_API_KEY: "sk-test-4242",
      OPENAI_MODELS: "gpt-test",
      OPENAI_BASE_URL: `${model.url}/v1`,
      MODEL_PRICES: "gpt-test=1/0.1/10",
      LOG_LEVEL: "debug",
      ...env,
    });
    programs.push(program);
    stage.seats.web = await webSeat(program.address);
    return program;
  }

  const stage: RootCauseStage = {
    ...{ model, loki, slack, discord, programs, start, connect },
    ...{ databaseUrl: database.url, stateDirectory },
    seats: {
      slack: slackSeat(slack, createPerson(slack, overSocket(slack))),
      discord: discordSeat(discord, createAna(discord, { readsContent: true })),
      web: undefined as never, // start() sits down there.
    },
    async killAndStart() {
      await programs.at(-1)?.end("SIGKILL");
      await start();
    },
    rows: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
      (await admin.query<Row>(sql, values)).rows,
    async close() {
      await endPrograms();
      await Promise.all([slack.close(), discord.close(), loki.close(), model.close()]);
      await Promise.all(connections.map((client) => client.end()));
      await database.drop();
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
  await start();
  await letDiscordIn(stage);
  return stage;
}

/** Slack and the console are the operator's own; a Discord server joins with a code. */
async function letDiscordIn({ seats }: RootCauseStage): Promise<void> {
  await seats.slack.command("tenant invite");
  const code = /code:([A-Z0-9-]+)/.exec((await until(seats.slack, /Invitation to acme/)).text)?.[1] ?? "";
  await seats.discord.command("connect", { org: "acme", code });
  await until(seats.discord, /Connected to acme/);
}
