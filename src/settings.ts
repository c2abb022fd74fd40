import { z } from "zod";
import { API_SETTINGS } from "./apiSettings.ts";
import { BACKUP_SETTINGS } from "./backupSettings.ts";
import { MODEL_SETTINGS } from "./modelSettings.ts";
import { address, beginning, keys, label, list, port, text, yesNo } from "./settingValues.ts";

/** One setting of the environment; README's table is made from this list (`npm run docs`). */
export interface Setting {
  name: string;
  /** What happens when it is not set, for people. */
  unset: string;
  description: string;
  schema: z.ZodType;
}

/** In the order the README shows them. */
export const SETTINGS = {
  databaseUrl: {
    name: "DATABASE_URL",
    unset: "an embedded PostgreSQL 15 in STATE_DIR",
    description:
      "PostgreSQL 15, by a login that owns the database and may create roles: `postgres://user:password@host/db`",
    schema: z.string().regex(/^postgres(ql)?:\/\//, "must begin with postgres://"),
  },
  redisUrl: {
    name: "REDIS_URL",
    unset: "a cache in this process's memory",
    description: "Redis 7 as a cache shared by several instances: `redis://host:6379`",
    schema: z.string().regex(/^rediss?:\/\//, "must begin with redis:// or rediss://"),
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
  lokiUrl: {
    name: "LOKI_URL",
    unset: "log files (LOGS), else the recorded incidents",
    description:
      "Grafana Loki, or the gateway before it: `https://loki.example.com`, with a path where it has one",
    schema: address,
  },
  lokiUsername: {
    name: "LOKI_USERNAME",
    unset: "no user",
    description: "User of a gateway (Grafana Cloud: the number of the instance)",
    schema: text,
  },
  lokiPassword: { name: "LOKI_PASSWORD", unset: "no password", description: "Its password", schema: text },
  lokiToken: {
    name: "LOKI_TOKEN",
    unset: "no token",
    description: "A bearer token, instead of a user and a password",
    schema: text,
  },
  lokiCaFile: {
    name: "LOKI_CA_FILE",
    unset: "the system's authorities",
    description: "PEM file of the authority that signed Loki's certificate",
    schema: text,
  },
  lokiCertFile: {
    name: "LOKI_CERT_FILE",
    unset: "no client certificate",
    description: "PEM file of a client certificate, with LOKI_KEY_FILE",
    schema: text,
  },
  lokiKeyFile: { name: "LOKI_KEY_FILE", unset: "no key", description: "PEM file of its key", schema: text },
  lokiProxy: {
    name: "LOKI_PROXY",
    unset: "no proxy",
    description: "HTTP proxy on the way to Loki: `http://proxy:3128`",
    schema: address,
  },
  lokiTenantsFile: {
    name: "LOKI_TENANTS_FILE",
    unset: "the settings above for all",
    description: "JSON file with connections of single organisations ([docs/loki.md](docs/loki.md))",
    schema: text,
  },
  lokiServiceLabel: {
    name: "LOKI_SERVICE_LABEL",
    unset: "found: service_name, service, app…",
    description: "Label that holds a line's service",
    schema: label,
  },
  lokiNamespaceLabel: {
    name: "LOKI_NAMESPACE_LABEL",
    unset: "found: namespace…",
    description: "Label that holds its namespace",
    schema: label,
  },
  lokiLevelLabel: {
    name: "LOKI_LEVEL_LABEL",
    unset: "found: level, severity…",
    description: "Label that holds its level",
    schema: label,
  },
  lokiMultiTenant: {
    name: "LOKI_MULTI_TENANT",
    unset: "`no`",
    description:
      "`yes` lets an organisation be several at once (`a\\|b`), where Loki has multi_tenant_queries_enabled",
    schema: yesNo,
  },
  lokiConcurrency: {
    name: "LOKI_CONCURRENCY",
    unset: "`3`",
    description: "Queries of one organisation at once, 1 to 16",
    schema: z.coerce.number().int().min(1).max(16),
  },
  lokiTimeoutSeconds: {
    name: "LOKI_TIMEOUT_SECONDS",
    unset: "Loki's own query_timeout and 5",
    description: "How long a query to Loki may take",
    schema: z.coerce.number().int().min(1).max(600),
  },
  lokiCacheSeconds: {
    name: "LOKI_CACHE_SECONDS",
    unset: "`60`",
    description: "How long an answer of Loki is kept in the cache; 0 for not at all",
    schema: z.coerce.number().int().min(0).max(3_600),
  },
  watchLagSeconds: {
    name: "WATCH_LAG_SECONDS",
    unset: "`60`, with log files `5`",
    description:
      "How long lines are on their way to Loki: services are watched up to so long ago. Too little, and minutes that are not complete look like fewer lines",
    schema: z.coerce.number().int().min(0).max(3_600),
  },
  grafanaUrl: {
    name: "GRAFANA_URL",
    unset: "no links",
    description: "Grafana that shows the same Loki: cards then link to Explore, with GRAFANA_DATASOURCE",
    schema: address,
  },
  grafanaDatasource: {
    name: "GRAFANA_DATASOURCE",
    unset: "no links",
    description: "uid of the Loki data source in it, as the address of its settings page ends",
    schema: text,
  },
  grafanaOrgId: {
    name: "GRAFANA_ORG_ID",
    unset: "`1`",
    description: "Number of the organisation in Grafana",
    schema: z.coerce.number().int().min(1),
  },
  grafanaExplore: {
    name: "GRAFANA_EXPLORE",
    unset: "`panes`",
    description: "Form of the links: `panes` since Grafana 10, `left` before it",
    schema: z.enum(["panes", "left"]),
  },
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
  slackBotToken: {
    name: "SLACK_BOT_TOKEN",
    unset: "no Slack",
    description: "Slack in Socket Mode: the bot's token, `xoxb-…` ([docs/slack.md](docs/slack.md))",
    schema: beginning("xoxb-"),
  },
  slackAppToken: {
    name: "SLACK_APP_TOKEN",
    unset: "no Slack",
    description: "Slack in Socket Mode: the app's token, `xapp-…`",
    schema: beginning("xapp-"),
  },
  slackSigningSecret: {
    name: "SLACK_SIGNING_SECRET",
    unset: "Socket Mode",
    description: "Slack over HTTP, for many workspaces: the app's signing secret",
    schema: text,
  },
  slackClientId: {
    name: "SLACK_CLIENT_ID",
    unset: "Socket Mode",
    description: "Slack over HTTP: the app's client id",
    schema: text,
  },
  slackClientSecret: {
    name: "SLACK_CLIENT_SECRET",
    unset: "Socket Mode",
    description: "Slack over HTTP: the app's client secret",
    schema: text,
  },
  slackStateSecret: {
    name: "SLACK_STATE_SECRET",
    unset: "Socket Mode",
    description: "Slack over HTTP: a random text of your own that signs installations under way",
    schema: z.string().min(16, "must have 16 characters or more"),
  },
  slackApiUrl: {
    name: "SLACK_API_URL",
    unset: "Slack's own",
    description: "Address of Slack's Web API, for a proxy or a gateway",
    schema: address,
  },
  slackResendUnsure: {
    name: "SLACK_RESEND_UNSURE",
    unset: "`yes`",
    description:
      "Where the `history` scopes are missing, whether a message whose answer from Slack was lost is sent again: with `yes` it may stand twice, with `no` not at all",
    schema: yesNo,
  },
  slackAuthorizeUrl: {
    name: "SLACK_AUTHORIZE_URL",
    unset: "Slack's own",
    description: "Address of Slack's page that asks for an installation",
    schema: address,
  },
  discordToken: {
    name: "DISCORD_TOKEN",
    unset: "no Discord",
    description: "Discord: the bot's token ([docs/discord.md](docs/discord.md))",
    schema: text,
  },
  discordMessageContent: {
    name: "DISCORD_MESSAGE_CONTENT",
    unset: "`no`: by mention, or with the Ask button",
    description:
      "`yes` where the Message Content intent is switched on: then replies in threads need no mention",
    schema: yesNo,
  },
  discordApiUrl: {
    name: "DISCORD_API_URL",
    unset: "Discord's own",
    description: "Address of Discord's REST API, for a proxy; the gateway's is asked there",
    schema: address,
  },
  httpHost: {
    name: "HTTP_HOST",
    unset: "`127.0.0.1`",
    description:
      "Address the server for Slack's requests and for /metrics listens on, apart from the web console",
    schema: text,
  },
  httpPort: {
    name: "HTTP_PORT",
    unset: "`3141` for Slack over HTTP, else no such server",
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
    unset: "`.loghunter` beside package.json",
    description: "Folder for the embedded database and the console's session token",
    schema: z.string().min(1),
  },
  ...BACKUP_SETTINGS,
  logLevel: {
    name: "LOG_LEVEL",
    unset: "`warn`, in production `info`",
    description: "How much the process itself logs to stderr: debug, info, warn, error, silent",
    schema: z.enum(["debug", "info", "warn", "error", "silent"]),
  },
  nodeEnv: {
    name: "NODE_ENV",
    unset: "development",
    description:
      "With `production` the process refuses to start on a schema that is behind, and says how to bring it up to date",
    schema: z.string(),
  },
} as const satisfies Record<string, Setting>;
