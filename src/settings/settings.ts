import { z } from "zod";
import { API_SETTINGS } from "./api.ts";
import { BACKUP_SETTINGS } from "./backup.ts";
import { CHAT_SETTINGS } from "./chats.ts";
import { GRAFANA_SETTINGS, LOKI_SETTINGS } from "./loki.ts";
import { MODEL_SETTINGS } from "./models.ts";
import { address, keys, list, port, text } from "./values.ts";
import { SIGNS_IN_PASSWORDS } from "./words.ts";

/** One setting of the environment; docs/configuration.md is made from this list (`npm run docs`). */
export interface Setting {
  name: string;
  /** What happens when it is not set, for people. */
  unset: string;
  description: string;
  schema: z.ZodType;
}

/** In the order docs/configuration.md shows them. */
export const SETTINGS = {
  databaseUrl: {
    name: "DATABASE_URL",
    unset: "an embedded PostgreSQL 15 in STATE_DIR",
    description:
      "PostgreSQL 15, by a login that owns the database and may create roles: `postgres://user:password@host/db`",
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//, "must begin with postgres://")
      // A socket in a folder stands for the host: postgres://user@/db?host=/run/postgresql
      .refine(
        (url) => URL.canParse(url.replace("@/", "@host/")),
        `is no address that can be read: ${SIGNS_IN_PASSWORDS}`,
      ),
  },
  redisUrl: {
    name: "REDIS_URL",
    unset: "a cache in this process's memory",
    description: "Redis 7 as a cache shared by several instances: `redis://host:6379`",
    schema: z
      .string()
      .regex(/^rediss?:\/\//, "must begin with redis:// or rediss://")
      .refine((url) => URL.canParse(url), `is no address that can be read: ${SIGNS_IN_PASSWORDS}`),
  },
  logs: {
    name: "LOGS",
    unset: "three recorded incidents, replayed as if now",
    description:
      "Log files to read, with commas between: files, folders or globs, `.gz` too. The same as `npm start -- --logs PATH…`",
    schema: list,
  },
  logsUtcOffset: {
    name: "LOGS_UTC_OFFSET",
    unset: "`0` (UTC)",
    description: "Minutes east of UTC of times in log files that name no zone",
    schema: z.coerce.number().int().min(-840).max(840),
  },
  ...LOKI_SETTINGS,
  watchLagSeconds: {
    name: "WATCH_LAG_SECONDS",
    unset: "`60`, with log files `5`",
    description:
      "How long lines are on their way to Loki: services are watched up to so long ago. Too little, and minutes that are not complete look like fewer lines",
    schema: z.coerce.number().int().min(0).max(3_600),
  },
  ...GRAFANA_SETTINGS,
  org: {
    name: "ORG",
    unset: "`local`",
    description: "The organisation (tenant) that the web console belongs to at its first start",
    schema: z.string().regex(/^[a-zA-Z0-9!\-_.*'()]{1,150}$/, "may hold letters, digits and !-_.*'() only"),
  },
  connectOrgs: {
    name: "CONNECT_ORGS",
    unset: "the one of ORG",
    description: "Organisations that `connect` may map a workspace to, with commas between",
    schema: list,
  },
  ...MODEL_SETTINGS,
  ...CHAT_SETTINGS,
  httpHost: {
    name: "HTTP_HOST",
    unset: "`127.0.0.1`",
    description:
      "Address the server for Slack's requests and for /metrics listens on, apart from the web console",
    schema: text,
  },
  httpPort: {
    name: "HTTP_PORT",
    unset: "`3141`; taken by another program, no API is served but where Slack needs the server",
    description: "Its port; 0 takes any free one",
    schema: port,
  },
  httpPublicUrl: {
    name: "HTTP_PUBLIC_URL",
    unset: "needed for Slack over HTTP",
    description: "Its address as Slack and browsers see it: `https://loghunter.example.com`",
    schema: address,
  },
  httpDrainSeconds: {
    name: "HTTP_DRAIN_SECONDS",
    unset: "`2` for Slack over HTTP, else `0`",
    description:
      "How long it goes on serving after SIGTERM while `/readyz` is 503: longer than a load balancer takes to notice ([docs/scaling.md](docs/scaling.md))",
    schema: z.coerce.number().min(0).max(60),
  },
  ...API_SETTINGS,
  metricsToken: {
    name: "METRICS_TOKEN",
    unset: "no token is asked for; with Slack over HTTP there is no /metrics",
    description:
      "Asked for as a bearer token at `/metrics`, which Prometheus reads ([docs/operating.md](docs/operating.md))",
    schema: z.string().min(16, "must have 16 characters or more"),
  },
  otlpEndpoint: {
    name: "OTEL_EXPORTER_OTLP_ENDPOINT",
    unset: "no traces",
    description:
      "Address of a collector for traces, without `/v1/traces`: `http://collector:4318` ([docs/operating.md](docs/operating.md#traces))",
    schema: address,
  },
  encryptionKeys: {
    name: "ENCRYPTION_KEYS",
    unset: "needed for Slack over HTTP",
    description:
      "Keys for tokens at rest, `<name>:<32 bytes in base64>` with commas between: the first seals, all open. `npm run reencrypt` seals anew with the first",
    schema: keys,
  },
  webHost: {
    name: "WEB_HOST",
    unset: "`127.0.0.1`",
    description: "Address the web console listens on",
    schema: z.string().min(1),
  },
  webPort: {
    name: "WEB_PORT",
    unset: "`3140`",
    description: "Port the web console listens on; 0 takes any free one",
    schema: port,
  },
  publicUrl: {
    name: "PUBLIC_URL",
    unset: "the address it listens on",
    description: "Address of the web console as browsers see it, behind a reverse proxy",
    schema: address,
  },
  stateDir: {
    name: "STATE_DIR",
    unset: "`.loghunter` beside package.json; of an installed package `~/.local/state/loghunter`",
    description: "Folder for the embedded database and the console's session token",
    schema: z.string().min(1),
  },
  ...BACKUP_SETTINGS,
  logLevel: {
    name: "LOG_LEVEL",
    unset: "`warn`, in production `info`",
    description:
      "How much the process itself logs to stderr: debug, info, warn, error, silent ([docs/operating.md](docs/operating.md#its-own-log))",
    schema: z.enum(["debug", "info", "warn", "error", "silent"]),
  },
  nodeEnv: {
    name: "NODE_ENV",
    unset: "development",
    description:
      "With `production` the process refuses to start on a schema that is behind, and says how to bring it up to date; anything else is development",
    schema: z.string(),
  },
} as const satisfies Record<string, Setting>;
