import type { Cache } from "./cache/cache.ts";
import type { Acts } from "./chat/acts.ts";
import type { Installations } from "./chat/installations.ts";
import type { ChatCore, ChatPlatform } from "./chat/platform.ts";
import type { Faults } from "./faultPoints.ts";
import type { ApiApp } from "./http/api/context.ts";
import type { Probe } from "./http/probes.ts";
import type { Schedule } from "./jobs/schedule.ts";
import type { Log } from "./log.ts";
import type { LogSource } from "./logs/source.ts";
import type { Models } from "./models/tenantModel.ts";
import type { Keyring } from "./secrets/keyring.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import type { TenantDirectory } from "./tenancy/directory.ts";

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
  /** Told what this process does; absent: nobody is. */
  telemetry?: Telemetry;
  /** Calls every hour or so; absent where nothing is deleted but when asked for. */
  scheduleRetention?: (tick: () => Promise<void>) => Schedule;
}

export interface ApiSettings {
  /** Where it is, as its users reach it, without /v1; undefined where it is not served. Asked once the app has started. */
  url: () => string | undefined;
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
  /**
   * Stops receiving, finishes what is in hand, and closes what was opened.
   * @param served ends when what others are being answered from the app is, which is in hand too
   */
  stop(served?: Promise<void>): Promise<void>;
}
