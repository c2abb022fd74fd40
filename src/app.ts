import { randomUUID } from "node:crypto";
import { createActions } from "./actions/index.ts";
import { createAnnouncer } from "./alerting/announce.ts";
import { countingSends } from "./alerting/countSends.ts";
import { type Deliverer, startDeliverer } from "./alerting/deliver.ts";
import { createAnalyst } from "./analysis/analyst.ts";
import { createDiscussion } from "./analysis/discussion.ts";
import { createInTurn } from "./analysis/inTurn.ts";
import { startResuming } from "./analysis/resuming.ts";
import { createScanner } from "./anomalies/scan.ts";
import type { Cache } from "./cache/cache.ts";
import type { Acts } from "./chat/acts.ts";
import type { Installations } from "./chat/installations.ts";
import type { ChatCore, ChatPlatform } from "./chat/platform.ts";
import { createFingerprintPool } from "./clusters/fingerprintPool.ts";
import { createFollower } from "./commands/follow.ts";
import { createCatalogue } from "./commands/index.ts";
import { openDatabase } from "./database.ts";
import { createDoctor } from "./doctor/doctor.ts";
import { readinessProbes } from "./doctor/readiness.ts";
import type { Faults } from "./faultPoints.ts";
import type { ApiApp } from "./http/api/context.ts";
import { createHttpApi } from "./http/api/index.ts";
import { createClientAddress } from "./http/clientAddress.ts";
import type { Metrics } from "./http/metrics.ts";
import type { Probe } from "./http/probes.ts";
import { createJobQueue } from "./jobs/bullmq.ts";
import type { Schedule } from "./jobs/schedule.ts";
import { createKeyCare } from "./keys/care.ts";
import { createHashing } from "./keys/hashing.ts";
import { KEY_NOTICES } from "./keys/store.ts";
import { createKeyUses } from "./keys/uses.ts";
import { createKeyVerifier } from "./keys/verifier.ts";
import { createLifecycle } from "./lifecycle.ts";
import type { Log } from "./log.ts";
import type { LogSource } from "./logs/source.ts";
import { withTimeLimit } from "./logs/timeLimit.ts";
import { type Models, NO_MODELS } from "./models/tenantModel.ts";
import { createRetention } from "./retention.ts";
import { createRouter } from "./router.ts";
import type { Keyring } from "./secrets/keyring.ts";
import { createActs } from "./tenancy/acts.ts";
import { createDirectory, type TenantDirectory } from "./tenancy/directory.ts";
import { createInstallations } from "./tenancy/installations.ts";

/** What the core is given: everything that has a vendor, a clock or an address. */
export interface AppParts {
  /** A migrated database, and a login that owns it. */
  databaseUrl: string;
  cache: Cache;
  logs: LogSource;
  /** Made here because platforms keep with the core what must outlive a process. */
  platforms: (kept: PlatformParts) => ChatPlatform[];
  /** Seals what workspaces give when they install the bot; needed where a platform is installed by many. */
  keyring?: Keyring;
  /** Where files are kept, for `doctor` to see to its disk. */
  stateDirectory?: string;
  /** The organisations a workspace may connect to. */
  allowedOrgs: readonly string[];
  log: Log;
  now: () => number;
  /** How long one reading of the logs may take. */
  readLimitsMs?: { command: number; analysis: number };
  /** How often a search that is followed looks for new lines. */
  followEveryMs?: number;
  /** How long an alert stands before it is edited again. */
  editsApartMs?: number;
  /** From one message to the next in a channel. */
  channelApartMs?: number;
  /** How long one message may take to be sent, and how long nobody else sends it: the second is the longer one. */
  sending?: { sendTimeoutMs: number; leaseMs: number };
  /** What happens between the steps of a scan and of a delivery; absent but in tests. */
  faults?: Faults;
  watching?: Watching;
  /** The HTTP API and its keys; absent: the usual figures. */
  api?: ApiSettings;
  /** Language models; absent: none, and the built-in analyzer answers. */
  models?: Models;
  /** Told what this process does. */
  metrics?: Pick<Metrics, "countSend" | "countScan">;
  /** Calls every hour or so; absent where nothing is deleted but when asked for. */
  scheduleRetention?: (tick: () => Promise<void>) => Schedule;
}

export interface ApiSettings {
  /** Where it is, as its users reach it; without /v1. Asked once the app has started. */
  url: () => string;
  perMinute?: number;
  /** Addresses and ranges of proxies whose word on their clients counts. */
  trustedProxies?: readonly string[];
  /** bcrypt's, as its logarithm. */
  keyHashCost?: number;
  /** LogHunter's own. */
  version?: string;
}

/** How services are watched. */
export interface Watching {
  /** How long lines are on their way to the log source: the last minute that is scanned ended so long ago. */
  lagMs: number;
  /** How far back a new tenant is learnt at first. */
  learnMs: number;
  /** How far back it is learnt then, while it is watched already. */
  deepenMs?: number;
  /** The clock of the minutes that are scanned; absent: everybody's. */
  now?: () => number;
  /** A clock that nobody sets. */
  steadyNow?: () => number;
  /** Calls every minute; absent where nothing is scanned but when asked for. */
  schedule?: (tick: () => Promise<void>) => Schedule;
}

/** What the core keeps for chat platforms. */
export interface PlatformParts {
  directory: TenantDirectory;
  acts: Acts;
  /** @throws where no keyring was given */
  installations(): Installations;
}

export interface App {
  core: ChatCore;
  directory: TenantDirectory;
  /** The HTTP API below /v1. */
  api: ApiApp;
  /** What it takes to be ready, for `/readyz`. */
  probes: Probe[];
  /** Scans the services of all tenants up to now, as every minute does. */
  scan(): Promise<void>;
  /** Looks after the API keys of all tenants, as every hour does. */
  careForKeys(): Promise<void>;
  /** Deletes of all tenants what is past its retention, as every hour does. */
  forgetPast(): Promise<void>;
  /** Stops receiving, finishes what is in hand, and closes what was opened. */
  stop(): Promise<void>;
}

/** Analyses and questions in hand, of which no tenant has more than half. Evidence is work for this process; for a model it only waits. */
const JOBS_AT_ONCE = { builtin: 4, models: 16 };
/** So long a model may go on answering when the process is to end. */
const MODEL_GRACE_MS = 2_500;
/** A person waits for a command; an analysis reads more, and shows its progress. */
const READ_LIMITS_MS = { command: 20_000, analysis: 120_000 };
/** An agent sends what it has read every few seconds; a minute leaves room for its queue. */
const WATCHING: Watching = { lagMs: 60_000, learnMs: 24 * 60 * 60_000 };
/** A minute's counts come within a second; where they do not come at all, others wait for so long. */
const SCAN_MS = 30_000;
/** Evidence that is not there by then is left out of an alert. */
const EVIDENCE_MS = 10_000;
/** Platforms slow an app down that edits a message more often. */
const FOLLOW_EVERY_MS = 3_000;
/** So long a query of the logs may go on when the process is to end: a person can still be told, and somebody else can scan. */
const READ_GRACE_MS = 3_500;
/** How long a stop waits for analyses in hand; what is not done by then is done again after the next start. */
const CLOSE_MS = 4_000;

/** Joins the core and starts it. `src/main.ts` calls it with the real parts, tests with others. */
export async function startApp(parts: AppParts): Promise<App> {
  const { databaseUrl, cache, log, now } = parts;
  const { command: commandMs, analysis: analysisMs } = parts.readLimitsMs ?? READ_LIMITS_MS;
  const ending = new AbortController();
  const logs = withTimeLimit(parts.logs, commandMs, ending.signal);
  const lifecycle = createLifecycle();
  try {
    const database = openDatabase({ url: databaseUrl, log });
    lifecycle.onStop("database", () => database.close());
    const directory = createDirectory(database);
    const platforms = parts.platforms({
      directory,
      acts: createActs(directory, now),
      installations() {
        if (parts.keyring === undefined) throw new Error("installations are sealed, and there is no key");
        return createInstallations({ database, keyring: parts.keyring, cache });
      },
    });

    let deliverer: Deliverer | undefined;
    const models = parts.models ?? NO_MODELS;
    const stopping = new AbortController();
    const queue = await createJobQueue({
      connectionString: databaseUrl,
      log,
      timings: { closeMs: CLOSE_MS },
    });
    lifecycle.onStop("job queue", () => queue.close());
    const jobsAtOnce = models.all.length === 0 ? JOBS_AT_ONCE.builtin : JOBS_AT_ONCE.models;
    const inTurn = createInTurn(queue, directory, jobsAtOnce / 2);
    const wake = () => deliverer?.wake();
    const fingerprints = createFingerprintPool({ log });
    lifecycle.onStop("fingerprints", () => fingerprints.close());
    const analyst = createAnalyst({
      directory,
      logs: withTimeLimit(parts.logs, analysisMs),
      fingerprints,
      inTurn,
      cache,
      deliverer: { wake },
      platforms,
      models,
      stopping: stopping.signal,
      log,
      now,
    });
    const discussion = createDiscussion({
      directory,
      // A job: what it does not come to is done again, and nobody is told that it was given up.
      logs: withTimeLimit(parts.logs, commandMs),
      fingerprints,
      inTurn,
      deliverer: { wake },
      platforms,
      models,
      stopping: stopping.signal,
      log,
      now,
    });
    const follower = createFollower({
      logs,
      directory,
      platforms,
      log,
      now,
      everyMs: parts.followEveryMs ?? FOLLOW_EVERY_MS,
    });
    const api = {
      url: () => "http://127.0.0.1:3141",
      perMinute: 120,
      keyHashCost: 12,
      trustedProxies: [],
      version: "0",
      ...parts.api,
    };
    const hashing = createHashing(api.keyHashCost);
    const verifier = createKeyVerifier({
      ...{ directory, hashing, now },
      listen(hearing) {
        const notices = database.listen(KEY_NOTICES, hearing);
        lifecycle.onStop("database notices", () => notices.stop());
        return notices;
      },
    });
    const doctor = createDoctor({
      ...{ databaseUrl, database, directory, logs, cache, platforms, models, now },
      ...(parts.keyring !== undefined && { keyring: parts.keyring }),
      ...(parts.stateDirectory !== undefined && { stateDirectory: parts.stateDirectory }),
    });
    const catalogue = createCatalogue({
      doctor,
      hashing,
      verifier,
      deliverer: { wake },
      apiUrl: api.url,
      directory,
      logs,
      fingerprints,
      analyst,
      follower,
      cache,
      platforms,
      models,
      allowedOrgs: parts.allowedOrgs,
      now,
    });
    const httpApi = createHttpApi({
      ...{
        verifier,
        hashing,
        wake,
        cache,
        log,
        now,
        analyst,
        logs,
        fingerprints,
        directory,
        perMinute: api.perMinute,
        version: api.version,
        clientAddress: createClientAddress(api.trustedProxies),
      },
      uses: createKeyUses({ log, now }),
    });
    const actions = createActions({ logs, analyst, now });
    const core = createRouter({
      ...{ catalogue, actions, directory, logs, cache, platforms, discussion, models, log, now },
    });

    // What is owed from before is sent when there is somewhere to send it: platforms first.
    for (const platform of platforms) {
      await platform.start(core);
      lifecycle.onStop(platform.name, () => platform.stop());
    }
    lifecycle.onStop("searches followed", () => follower.stop());
    const { editsApartMs, channelApartMs, sending, faults, metrics } = parts;
    const counted =
      metrics === undefined ? platforms : platforms.map((each) => countingSends(each, metrics.countSend));
    deliverer = startDeliverer({
      analyse: (scope) => inTurn.queueNext(scope),
      ...{ directory, platforms: counted, log, now, owner: randomUUID() },
      ...(editsApartMs !== undefined && { editsApartMs }),
      ...(channelApartMs !== undefined && { channelApartMs }),
      ...sending,
      ...(faults !== undefined && { faults }),
    });
    lifecycle.onStop("deliverer", () => deliverer?.stop());
    await queue.work(
      inTurn.thenNext({
        analyze: { run: analyst.run, failed: analyst.giveUp },
        reply: { run: discussion.run, failed: discussion.giveUp },
      }),
      jobsAtOnce,
    );
    const watching = parts.watching ?? WATCHING;
    const scanner = createScanner({
      directory,
      logs: withTimeLimit(parts.logs, SCAN_MS, ending.signal),
      announcer: createAnnouncer({
        ...{ logs: withTimeLimit(parts.logs, EVIDENCE_MS, ending.signal), fingerprints, log, now },
      }),
      fingerprints,
      log,
      now,
      owner: randomUUID(),
      ...(faults !== undefined && { faults }),
      ...watching,
      ...(metrics !== undefined && { count: metrics.countScan }),
    });
    // Before the deliverer and the platforms stop: what is in hand can still be answered.
    lifecycle.onStop("scan and analyses in hand", async () => {
      await Promise.all([scanner.stop(), queue.close()]);
    });
    // What a model or the logs have not answered by then is given up; an analysis is done again after the next start.
    lifecycle.onStop("models and logs", () => {
      setTimeout(() => stopping.abort(), MODEL_GRACE_MS).unref();
      setTimeout(() => ending.abort(), READ_GRACE_MS).unref();
    });
    const scan = async () => {
      await Promise.all([scanner.tick().then(wake), scanner.retry().then(wake)]);
    };
    const schedule = watching.schedule?.(scan);
    lifecycle.onStop("schedule", () => schedule?.stop());
    const retention = createRetention({ directory, log, now });
    lifecycle.onStop("retention", () => retention.stop());
    const care = createKeyCare({ directory, wake, log, now });
    const hourly = parts.scheduleRetention?.(async () => {
      await Promise.all([retention.run(), care.run()]);
    });
    lifecycle.onStop("hourly schedule", () => hourly?.stop());
    const resuming = startResuming(directory, inTurn, log, now);
    lifecycle.onStop("resuming", () => resuming.stop());
    return {
      core,
      directory,
      api: httpApi,
      probes: readinessProbes({ databaseUrl, database, cache }),
      scan,
      forgetPast: () => retention.run(),
      careForKeys: () => care.run(),
      stop: () => lifecycle.stop(),
    };
  } catch (error) {
    await lifecycle.stop().catch((err: unknown) => log.error({ err }, "could not undo a start that failed"));
    throw error;
  }
}
