/**
 * One LogHunter that can be killed: the real adapters and the whole core, in a process that the harness starts (fleet.ts)
 * and orders about. What it scans it scans by a fast clock; what it sends it sends by the real one.
 */
import { setTimeout as pause } from "node:timers/promises";
import { createDiscord } from "../../adapters/discord/index.ts";
import { openLoki } from "../../adapters/loki/index.ts";
import { createMemoryCache } from "../../adapters/memory/index.ts";
import { createRedisCache } from "../../adapters/redis/index.ts";
import { createSlack } from "../../adapters/slack/index.ts";
import { startApp } from "../../src/app.ts";
import type { Environment } from "../../src/config.ts";
import type { FaultPoint } from "../../src/faultPoints.ts";
import { createLog } from "../../src/log.ts";
import type { LogSource } from "../../src/logs/source.ts";
import { openModels } from "../../src/main/models.ts";
import type { Models } from "../../src/models/tenantModel.ts";
import { createKillLogs } from "./logs.ts";
import { fastNow, type InstanceSettings, type Order, type Told } from "./orders.ts";

const MINUTE_MS = 60_000;
/** What is not odd is learnt from so much. */
const LEARN_MS = 24 * 60 * MINUTE_MS;
/** A tenth of the product's, so that what a dead process was sending is taken over within seconds. */
const SENDING = { sendTimeoutMs: 3_000, leaseMs: 4_500 };
const EDITS_APART_MS = 300;

const log = createLog(process.env.KILL_LOG === undefined ? "silent" : "warn");
let die: { point: FaultPoint; nth: number } | undefined;
let calmFromMs = Number.POSITIVE_INFINITY;

process.on("message", (order: Order) => {
  if (order.do === "die") die = order.at;
  if (order.do === "calm") calmFromMs = order.fromMs;
  if (order.do === "start") start(order.settings).catch(giveUp);
});
// The harness is gone.
process.on("disconnect", () => process.exit());
tell("loaded");

async function start(settings: InstanceSettings): Promise<void> {
  const { databaseUrl, redisUrl, clock, tokens } = settings;
  calmFromMs = settings.calmFromMs;
  const now = () => fastNow(clock);
  await startApp({
    databaseUrl,
    cache:
      redisUrl === undefined
        ? createMemoryCache({ now: Date.now })
        : createRedisCache({ url: redisUrl, log }),
    logs: await openLogs(settings),
    platforms: ({ acts }) => {
      const common = { draw, log, now: Date.now, acts };
      return [
        createSlack({
          ...common,
          apiUrl: settings.slackUrl,
          connection: { mode: "socket", botToken: tokens.slackBot, appToken: tokens.slackApp },
        }),
        createDiscord({
          ...common,
          apiUrl: settings.discordUrl,
          token: tokens.discord,
          messageContent: false,
        }),
      ];
    },
    allowedOrgs: [],
    log,
    now: Date.now,
    editsApartMs: EDITS_APART_MS,
    sending: SENDING,
    faults(point) {
      if (die?.point !== point || --die.nth > 0) return;
      process.kill(process.pid, "SIGKILL");
    },
    ...(settings.modelUrl !== undefined && { models: await openModel(settings.modelUrl) }),
    watching: { lagMs: 0, learnMs: LEARN_MS, now, schedule: (tick) => everyFastMinute(tick, clock.speed) },
  });
  tell("up");
}

async function openLogs({ lokiUrl, services, clock }: InstanceSettings): Promise<LogSource> {
  if (lokiUrl === undefined)
    return createKillLogs({ services, oddFromMs: clock.baseMs, calmFromMs: () => calmFromMs });
  return openLoki({ connection: { url: lokiUrl }, cacheOf: async () => undefined, log, now: Date.now });
}

async function openModel(url: string): Promise<Models> {
  const env = { openaiApiKey: "sk-test-4242", openaiModels: ["gpt-test"], openaiBaseUrl: url };
  return openModels(env as Partial<Environment> as Environment, log);
}

/** Its database may be away: then it is started anew, as whatever runs it does. */
function giveUp(err: unknown): void {
  log.warn({ err }, "could not start");
  process.exit(1);
}

/** About: of two processes now this one is first, now that one. */
function everyFastMinute(tick: () => Promise<void>, speed: number) {
  let isOver = false;
  void (async () => {
    while (!isOver) {
      await Promise.all([tick(), pause((MINUTE_MS / speed) * (0.9 + 0.2 * Math.random()))]);
    }
  })();
  return {
    async stop() {
      isOver = true;
    },
  };
}

/** Nobody looks at the picture, and drawing it would take most of the time. */
async function draw(): Promise<Uint8Array> {
  return Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
}

function tell(what: Told): void {
  process.send?.(what);
}
