import { z } from "zod";
import { UserError } from "./errors.ts";

/** One setting of the environment; README's table is made from this list (`npm run docs`). */
interface Setting {
  name: string;
  /** What happens when it is not set, for people. */
  unset: string;
  description: string;
  schema: z.ZodType;
}

const port = z.coerce.number().int().min(0).max(65_535);
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

/** In the order the README shows them. */
const SETTINGS = {
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
    schema: z.url({ protocol: /^https?$/, error: "must be an http or https address" }),
  },
  stateDir: {
    name: "STATE_DIR",
    unset: "`.loghunter` beside package.json",
    description: "Folder for the embedded database and the console's session token",
    schema: z.string().min(1),
  },
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

type Settings = typeof SETTINGS;

/** What the environment says, checked; undefined where it says nothing. */
export type Environment = { [Key in keyof Settings]: z.infer<Settings[Key]["schema"]> | undefined };

/**
 * Reads the environment.
 * @throws UserError with a table of what is wrong: names and reasons, never a value.
 */
export function readEnvironment(env: Record<string, string | undefined>): Environment {
  const wrong: string[] = [];
  const values = Object.entries(SETTINGS).map(([key, setting]) => {
    const raw = env[setting.name];
    if (raw === undefined || raw.trim() === "") return [key, undefined];
    const parsed = setting.schema.safeParse(raw.trim());
    if (parsed.success) return [key, parsed.data];
    wrong.push(`  ${setting.name.padEnd(16)} ${parsed.error.issues[0]?.message ?? "is wrong"}`);
    return [key, undefined];
  });
  if (wrong.length > 0) {
    throw new UserError(
      `These settings of the environment are wrong:\n${wrong.join("\n")}\nCorrect them and start again; README.md lists them all.`,
    );
  }
  return Object.fromEntries(values) as Environment;
}

/** The configuration table of the README, in Markdown. */
export function settingsTable(): string {
  const rows = Object.values(SETTINGS).map((s) => `| \`${s.name}\` | ${s.description} | ${s.unset} |`);
  return ["| setting | what it is | when not set |", "|---|---|---|", ...rows].join("\n");
}
