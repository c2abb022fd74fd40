import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openLoki } from "../../adapters/loki/index.ts";
import { findEmbeddedPostgres } from "../../adapters/postgres/find.ts";
import type { PlatformParts } from "../appParts.ts";
import type { Cache } from "../cache/cache.ts";
import { calledAs } from "../calledAs.ts";
import type { Environment } from "../config.ts";
import { asLogin, type Database, openDatabase } from "../database.ts";
import type { Check } from "../doctor/check.ts";
import { serviceChecks, storedChecks, type TenantParts, tenantChecks } from "../doctor/doctor.ts";
import { foundIn, ill } from "../doctor/found.ts";
import { logsCheck } from "../doctor/logs.ts";
import { UserError } from "../errors.ts";
import { createLifecycle, type Lifecycle } from "../lifecycle.ts";
import { createLog } from "../log.ts";
import type { LogSource } from "../logs/source.ts";
import { lokiOptions } from "../lokiOptions.ts";
import { NO_MODELS } from "../models/tenantModel.ts";
import { createKeyring } from "../secrets/keyring.ts";
import { NO_METRICS } from "../telemetry/metrics.ts";
import { createActs } from "../tenancy/acts.ts";
import { createDirectory, type TenantDirectory } from "../tenancy/directory.ts";
import { createInstallations, isUnconnected } from "../tenancy/installations.ts";
import type { TenantScope } from "../tenancy/scope.ts";
import { openChats } from "./chats.ts";
import { logFiles } from "./logFiles.ts";
import { openModels } from "./models.ts";
import { openCache } from "./stores.ts";

/** What `loghunter doctor` looks at, opened by itself. */
export interface Patient {
  checks: Check[];
  close(): Promise<void>;
}

const TENANTS = 20;
/** Slack is asked twice for what it makes of its tokens; what it has not said by then is found not to be known. */
const LOOK_MS = 10_000;
const DEFAULT_ORG = "local";
const log = createLog("silent");

/** Opens what the settings name, as LogHunter does, but receives nothing and changes nothing. What cannot be opened is a finding. */
export async function openPatient(
  env: Environment,
  stateDirectory: string,
  org: string | undefined,
): Promise<Patient> {
  const lifecycle = createLifecycle();
  try {
    return { checks: await checksOf(env, stateDirectory, org, lifecycle), close: () => lifecycle.stop() };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function checksOf(
  env: Environment,
  stateDirectory: string,
  org: string | undefined,
  lifecycle: Lifecycle,
): Promise<Check[]> {
  const checks: Check[] = [];
  /** @returns nothing where a setting keeps it from being opened, which is then found */
  const opened = async <T>(name: string, open: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      checks.push(
        fixed(name, [ill("failure", error.message, "Correct it; docs/configuration.md lists all settings.")]),
      );
      return undefined;
    }
  };
  const stored = await openStored(env, stateDirectory, lifecycle);
  checks.push(...stored.checks);
  const cache = openCache(env, log, NO_METRICS);
  lifecycle.onStop("cache", () => cache.close());
  const models = (await opened("model", () => openModels(env, log))) ?? NO_MODELS;
  checks.push(...serviceChecks({ cache, models, stateDirectory, mayBeUnstarted: true }));
  const logs = await opened("logs", () => openLogs(env, lifecycle));
  const chats = await opened("chat", () => openChats(env, orgOf(env), NO_CHARTS, log));
  const platforms = (await opened("chat", () => chats?.open(keptFor(stored, cache, env)))) ?? [];
  for (const platform of platforms) lifecycle.onStop(platform.name, () => platform.stop());
  await Promise.race([chats?.look(), sleep(LOOK_MS, undefined, { ref: false })]);
  const parts: TenantParts = {
    ...{ directory: stored.directory, platforms, unseen: ["web"], models, now: Date.now },
    ...(logs !== undefined && { logs }),
  };
  const tenants = stored.answers ? await tenantsOf(stored.directory, org) : [];
  for (const scope of tenants) {
    const all = await tenantChecks(scope, parts).catch(() => []); // Of a schema that is behind, which is found.
    const prefix = tenants.length === 1 ? "" : `${scope.lokiOrgId} `;
    checks.push(...all.map((check) => ({ ...check, name: prefix + check.name })));
  }
  // Where no tenant has them, the settings themselves say what to ask for.
  if (tenants.length === 0 && logs !== undefined)
    checks.push(logsCheck(org ?? orgOf(env), { logs, now: Date.now }));
  for (const { name, health } of platforms) {
    if (checks.some((check) => check.name.split(" ").at(-1) === name)) continue;
    const own = name === "slack" ? chats?.slack()?.ownWorkspace?.id : undefined;
    const fix = `See docs/${name}.md.`;
    if (own !== undefined || name !== "slack" || env.slackBotToken !== undefined)
      checks.push({ name, fix, run: async () => foundIn(await health(own ?? ""), fix) });
  }
  checks.push(fixed("from here", unseenOf(stored.answers, logs !== undefined)));
  return checks;
}

function orgOf({ org }: Environment): string {
  return org ?? DEFAULT_ORG;
}

function keptFor(
  { directory, database }: Stored,
  cache: Cache,
  { encryptionKeys }: Environment,
): PlatformParts {
  return {
    directory,
    acts: createActs(directory, Date.now),
    installations: () =>
      createInstallations({ database, keyring: createKeyring(encryptionKeys ?? []), cache }),
  };
}

const NO_CHARTS = async () => new Uint8Array();

interface Stored {
  checks: Check[];
  database: Database;
  directory: TenantDirectory;
  answers: boolean;
}

/** The database, which may be the embedded one of a LogHunter that runs. */
async function openStored(env: Environment, stateDirectory: string, lifecycle: Lifecycle): Promise<Stored> {
  const embedded =
    env.databaseUrl === undefined ? await findEmbeddedPostgres(join(stateDirectory, "postgres")) : undefined;
  const url = env.databaseUrl ?? embedded;
  // Without an address nothing is asked of it: a pool connects when it is first used.
  const database = openDatabase({ url: url ?? "postgres://127.0.0.1:1/none", log, maxConnections: 2 });
  lifecycle.onStop("database", () => database.close());
  const answers = url !== undefined && (await asLogin(url, (db) => db.query("select 1")).then(yes, no));
  const keyring = env.encryptionKeys === undefined ? {} : { keyring: createKeyring(env.encryptionKeys) };
  const checks =
    env.databaseUrl === undefined && !answers
      ? [fixed("database", [ill("failure", NOT_STARTED, START)])]
      : storedChecks({ databaseUrl: url as string, database, ...keyring });
  return { checks, database, directory: createDirectory(database), answers };
}

const NOT_STARTED = "The embedded PostgreSQL does not run, or this account may not look into STATE_DIR.";
const START = `Start LogHunter, which brings it along: ${calledAs("start")}. Run this as the account that LogHunter runs as.`;

async function openLogs(env: Environment, lifecycle: Lifecycle): Promise<LogSource | undefined> {
  const loki = await lokiOptions(env);
  if (loki === undefined && env.logs === undefined) return undefined;
  const logs =
    loki === undefined
      ? await logFiles(env, orgOf(env), [], Date.now(), log, [])
      : await openLoki({ ...loki, cacheOf: async () => undefined, log, now: Date.now });
  lifecycle.onStop("logs", () => logs.close());
  return logs;
}

async function tenantsOf(directory: TenantDirectory, org: string | undefined): Promise<TenantScope[]> {
  // A schema that is behind is found by its own check.
  const all = await directory.tenants(undefined, 1_000).catch(() => []);
  const connected = all.filter(({ lokiOrgId }) => !isUnconnected(lokiOrgId));
  const wanted = org === undefined ? connected : connected.filter(({ lokiOrgId }) => lokiOrgId === org);
  if (org !== undefined && wanted.length === 0)
    throw new UserError(`There is no organisation "${org.slice(0, 60)}" in this database.`);
  return wanted.slice(0, TENANTS);
}

function unseenOf(answers: boolean, readsLogs: boolean) {
  const unseen = [
    "whether Slack's and Discord's connections stand: type doctor in the chat",
    ...(readsLogs ? [] : ["the recorded incidents"]),
    ...(answers ? [] : ["organisations, their channels and what is owed to them: they are in the database"]),
  ];
  return [{ state: "unseen" as const, finding: `${unseen.join("; ")}.` }];
}

function fixed(name: string, found: Awaited<ReturnType<Check["run"]>>): Check {
  return { name, fix: "", run: async () => found };
}

const yes = () => true;
const no = () => false;
