import { randomUUID } from "node:crypto";
import { createActions } from "./actions/index.ts";
import { createAnnouncer } from "./alerting/announce.ts";
import { type Deliverer, startDeliverer } from "./alerting/deliver.ts";
import { createAnalyst } from "./analysis/analyst.ts";
import { createDiscussion } from "./analysis/discussion.ts";
import { createInTurn } from "./analysis/inTurn.ts";
import { startResuming } from "./analysis/resuming.ts";
import { createScanner } from "./anomalies/scan.ts";
import type { ApiSettings, App, AppParts, Watching } from "./appParts.ts";
import { createFingerprintPool } from "./clusters/fingerprintPool.ts";
import { createFollower } from "./commands/follow.ts";
import { createCatalogue } from "./commands/index.ts";
import { openDatabase } from "./database.ts";
import type { DatabaseNotices } from "./databaseNotices.ts";
import { createDoctor } from "./doctor/doctor.ts";
import { readinessProbes } from "./doctor/readiness.ts";
import { createHttpApi } from "./http/api/index.ts";
import { createClientAddress } from "./http/clientAddress.ts";
import { createJobQueue } from "./jobs/bullmq.ts";
import { createKeyCare } from "./keys/care.ts";
import { createHashing } from "./keys/hashing.ts";
import { KEY_NOTICES } from "./keys/store.ts";
import { createKeyUses } from "./keys/uses.ts";
import { createKeyVerifier } from "./keys/verifier.ts";
import { createLifecycle } from "./lifecycle.ts";
import { withTimeLimit } from "./logs/timeLimit.ts";
import { NO_MODELS } from "./models/tenantModel.ts";
import { createRetention } from "./retention.ts";
import { createRouter } from "./router.ts";
import { createActWatch } from "./telemetry/acts.ts";
import { databaseWatch } from "./telemetry/database.ts";
import { watchedHandlers } from "./telemetry/jobs.ts";
import { watchedVerifier } from "./telemetry/keys.ts";
import { watchedLogs } from "./telemetry/logs.ts";
import { watchedModels } from "./telemetry/models.ts";
import { createScanWatch } from "./telemetry/scans.ts";
import { watchedSends } from "./telemetry/sends.ts";
import { tellStanding } from "./telemetry/standing.ts";
import { NO_TELEMETRY } from "./telemetry/telemetry.ts";
import { createActs } from "./tenancy/acts.ts";
import { createDirectory } from "./tenancy/directory.ts";
import { createInstallations } from "./tenancy/installations.ts";

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
/** So long a query of the logs may go on when the process is to end: a person can still be told, and somebody else can scan. */
const READ_GRACE_MS = 3_500;
/** Evidence that is not there by then is left out of an alert. */
const EVIDENCE_MS = 10_000;
const API = {
  url: () => "http://127.0.0.1:3141",
  perMinute: 120,
  keyHashCost: 12,
  trustedProxies: [],
  version: "0",
} satisfies ApiSettings;
/** Platforms slow an app down that edits a message more often. */
const FOLLOW_EVERY_MS = 3_000;
/** How long a stop waits for analyses in hand; what is not done by then is done again after the next start. */
const CLOSE_MS = 4_000;

/** Joins the core and starts it. `src/main.ts` calls it with the real parts, tests with others. */
export async function startApp(parts: AppParts): Promise<App> {
  const { databaseUrl, cache, log, now, telemetry = NO_TELEMETRY } = parts;
  const { metrics, traces } = telemetry;
  const source = watchedLogs(parts.logs, telemetry);
  const { command: commandMs, analysis: analysisMs } = parts.readLimitsMs ?? READ_LIMITS_MS;
  const ending = new AbortController();
  const logs = withTimeLimit(source, commandMs, ending.signal);
  const lifecycle = createLifecycle();
  try {
    const database = openDatabase({ url: databaseUrl, log, watch: databaseWatch(telemetry) });
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

    let sender: Deliverer | undefined;
    const models = watchedModels(parts.models ?? NO_MODELS, telemetry);
    const stopping = new AbortController();
    const queue = await createJobQueue({
      connectionString: databaseUrl,
      log,
      timings: { closeMs: CLOSE_MS },
    });
    lifecycle.onStop("job queue", () => queue.close());
    const jobsAtOnce = models.all.length === 0 ? JOBS_AT_ONCE.builtin : JOBS_AT_ONCE.models;
    const inTurn = createInTurn(queue, directory, jobsAtOnce / 2);
    const wake = () => sender?.wake();
    const fingerprints = createFingerprintPool({ log });
    lifecycle.onStop("fingerprints", () => fingerprints.close());
    const deliverer = { wake };
    const answering = {
      ...{ directory, fingerprints, inTurn, deliverer, platforms, models, traces, log, now },
      stopping: stopping.signal,
    };
    // A job: what it does not come to is done again, and nobody is told that it was given up.
    const analyst = createAnalyst({ ...answering, cache, logs: withTimeLimit(source, analysisMs) });
    const discussion = createDiscussion({ ...answering, logs });
    const everyMs = parts.followEveryMs ?? FOLLOW_EVERY_MS;
    const follower = createFollower({ logs, directory, platforms, log, now, everyMs });
    const api = { ...API, ...parts.api };
    const hashing = createHashing(api.keyHashCost);
    let keyNotices: DatabaseNotices | undefined;
    const verifier = createKeyVerifier({
      ...{ directory, hashing, now },
      listen(hearing) {
        const notices = database.listen(KEY_NOTICES, hearing);
        lifecycle.onStop("database notices", () => notices.stop());
        keyNotices = notices;
        return notices;
      },
    });
    const doctor = createDoctor({
      ...{ databaseUrl, database, directory, logs, cache, platforms, models, apiUrl: api.url, now },
      ...(parts.keyring !== undefined && { keyring: parts.keyring }),
      ...(parts.stateDirectory !== undefined && { stateDirectory: parts.stateDirectory }),
    });
    const stopTelling = tellStanding(metrics, {
      ...{ backlog: directory, database, notices: () => keyNotices, queue, cache, models, platforms },
      now: parts.watching?.now ?? now,
    });
    lifecycle.onStop("what metrics tell", async () => stopTelling());
    const catalogue = createCatalogue({
      ...{ doctor, hashing, verifier, deliverer, directory, logs, fingerprints, analyst, follower },
      ...{ cache, platforms, models, allowedOrgs: parts.allowedOrgs, apiUrl: api.url, now },
    });
    const httpApi = createHttpApi({
      ...{ hashing, telemetry, wake, cache, log, now, analyst, logs, fingerprints, directory },
      verifier: watchedVerifier(verifier, metrics),
      perMinute: api.perMinute,
      version: api.version,
      clientAddress: createClientAddress(api.trustedProxies),
      uses: createKeyUses({ log, now }),
    });
    const actions = createActions({ logs, analyst, platforms, now });
    const core = createRouter({
      ...{ catalogue, actions, directory, logs, cache, platforms, discussion, models, log, now },
      watch: createActWatch(telemetry, { catalogue, actions }),
    });

    // What is owed from before is sent when there is somewhere to send it: platforms first.
    for (const platform of platforms) {
      await platform.start(core);
      lifecycle.onStop(platform.name, () => platform.stop());
    }
    lifecycle.onStop("searches followed", () => follower.stop());
    const { editsApartMs, channelApartMs, sending, faults } = parts;
    sender = startDeliverer({
      analyse: (scope) => inTurn.queueNext(scope),
      ...{ directory, traces, log, owner: randomUUID() },
      platforms: platforms.map((each) => watchedSends(each, telemetry)),
      ...(editsApartMs !== undefined && { editsApartMs }),
      ...(channelApartMs !== undefined && { channelApartMs }),
      ...sending,
      ...(faults !== undefined && { faults }),
    });
    lifecycle.onStop("deliverer", () => sender?.stop());
    await queue.work(
      inTurn.thenNext(
        watchedHandlers(
          {
            analyze: { run: analyst.run, failed: analyst.giveUp },
            reply: { run: discussion.run, failed: discussion.giveUp },
          },
          metrics,
        ),
      ),
      jobsAtOnce,
    );
    const watching = parts.watching ?? WATCHING;
    const scanner = createScanner({
      directory,
      logs: withTimeLimit(source, SCAN_MS, ending.signal),
      announcer: createAnnouncer({
        ...{ logs: withTimeLimit(source, EVIDENCE_MS, ending.signal), fingerprints, log, now },
      }),
      watch: createScanWatch(telemetry),
      fingerprints,
      log,
      now,
      owner: randomUUID(),
      ...(faults !== undefined && { faults }),
      ...watching,
    });
    let served: Promise<void> | undefined;
    // Before the deliverer and the platforms stop: what is in hand can still be answered.
    lifecycle.onStop("scan and analyses in hand", async () => {
      await Promise.all([scanner.stop(), queue.close(), served]);
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
      stop(until) {
        served = until;
        return lifecycle.stop();
      },
    };
  } catch (error) {
    await lifecycle.stop().catch((err: unknown) => log.error({ err }, "could not undo a start that failed"));
    throw error;
  }
}
