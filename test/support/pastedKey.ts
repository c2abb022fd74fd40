import { setTimeout as pause } from "node:timers/promises";
import type { createKeyApi } from "./keyApi.ts";
import type { KeyDesk } from "./keyDesks.ts";
import type { RootCauseStage } from "./rootCauseStage.ts";
import { until } from "./seats.ts";

/** An option of a command, as Discord keeps it. */
interface Native {
  type: number;
  name: string;
  choices?: unknown[];
  required?: boolean;
  max_length?: number;
  options?: Native[];
}

/** What is done with what is given, where it is enough. */
const WHOLE: readonly [path: string, options: (key: string) => Record<string, string>][] = [
  ["deploy", (version) => ({ service: "checkout", version })],
  ["feedback give", (cause) => ({ verdict: "wrong", cause })],
  ["filters save", (name) => ({ name: name.slice(0, 45), keywords: "timeout" })],
  ["filters save", (keywords) => ({ name: "pasted", keywords })],
  ["search", (text) => ({ text, since: "5m" })],
  ["analyze", (namespace) => ({ service: "checkout", namespace })],
  ["mute", (service) => ({ service, for: "1h" })],
];

/** Pastes a key wherever there is room for a text at a chat platform: in messages, commands, fields and threads. */
export async function pasteEverywhere(stage: RootCauseStage, desk: KeyDesk, key: string): Promise<void> {
  const { command } = desk;
  const isNative = desk.name === "discord";
  await desk.type("filters save", "service", key);
  for (const text of [key, `my key is ${key}, why does it not work?`]) {
    await desk.write(text);
    await desk.explain(`level=error msg="cannot sign in" ${text}`);
  }
  await command("analyze", { service: "checkout", since: "10m" });
  const { id } = await until(desk, /(?:LIKELY CAUSE|NOT ENOUGH EVIDENCE)[\s\S]*Reply in the thread/);
  await desk.ask(id, `is it because of ${key}?`);
  await until(desk, /statements? rests? on evidence|Built-in analyzer instead|holds an API key/);
  if (!isNative)
    for (const text of [key, `help ${key}`, `keys ${key}`, `filters ${key}`]) await command(text);
  for (const [path, options] of commandsOf(stage))
    for (const { name, choices, max_length: most = key.length } of options)
      if (!isNative) await command(path, { [name]: key });
      else if (choices === undefined && most >= key.length && !lacksAnother(options, name))
        await command(path, { [name]: key });
  for (const [path, given] of WHOLE)
    await command(path, given(key)).catch((error: Error) => {
      if (!/Discord (?:lets|knows)|has no option|too long/.test(error.message)) throw error;
    });
  await quiet(stage);
  for (const values of [
    { name: key, scopes: "read:logs" },
    { name: key.slice(0, 58), scopes: "read:logs" },
    { name: "pasted", scopes: "read:logs", expires: key },
  ])
    await desk.fill("keys create", values);
  await desk.fill("keys rotate", { name: key });
  await desk.fill("keys rotate", { name: "no-such-key", grace: key });
  await desk.fill("keys revoke", { name: key });
  await quiet(stage);
}

/** Discord lets nobody leave out what is required. */
function lacksAnother(options: readonly Native[], name: string): boolean {
  return options.some((option) => option.required === true && option.name !== name);
}

function commandsOf({ discord }: RootCauseStage): [path: string, options: readonly Native[]][] {
  const SUB_COMMAND = 1;
  const walk = (options: readonly Native[], before: string): [string, readonly Native[]][] =>
    options.flatMap(({ type, name, options: below = [] }) => {
      const path = `${before} ${name}`.trim();
      return type === SUB_COMMAND ? [[path, below] as [string, readonly Native[]]] : walk(below, path);
    });
  const top = discord.commands.find(({ name }) => name === "loghunter") as unknown as Native | undefined;
  return walk(top?.options ?? [], "");
}

/** Waits until nothing more comes to Slack or Discord. */
async function quiet({ slack, discord }: RootCauseStage): Promise<void> {
  for (let before = -1; before !== slack.heard.length + discord.heard.length; await pause(700))
    before = slack.heard.length + discord.heard.length;
}

/** Puts a key wherever a request has room for it. @param limited a key that may do little */
export async function pasteIntoApi(
  { ask, run }: ReturnType<typeof createKeyApi>,
  key: string,
  limited: string,
): Promise<void> {
  const spelled = [key, encodeURIComponent(key), key.replaceAll("_", "%5F")];
  const authorizations = [
    `Basic ${Buffer.from(key).toString("base64")}`,
    `Basic ${Buffer.from(`user:${key}`).toString("base64")}`,
    `basic ${key}`,
    key,
    `Bearer ${key}, ${key}`,
    `Bearer "${key}"`,
  ];
  for (const word of spelled)
    for (const path of [
      ...[`/v1/key?key=${word}`, `/v1/${word}`, `/${word}`, `/?key=${word}`, `/metrics?key=${word}`],
      ...[`/metrics/${word}`, `/v1/jobs/${word}`, `/v1/analyses/${word}`, `/v1/filters/${word}`],
      ...[
        `/v1/lines?service=${word}`,
        `/v1/lines?service=checkout&text=${word}`,
        `/v1/errors?service=${word}`,
      ],
      ...[`/v1/analyses?service=${word}`, `/v1/analyses?cursor=${word}`, `/v1/anomalies?state=${word}`],
      ...[`/v1/audit?since=${word}`, `/v1/openapi.json?${word}`, `/v1/health?${word}`],
    ])
      for (const by of [key, limited, undefined]) await ask(path, by === undefined ? {} : { key: by });
  for (const authorization of authorizations) await ask("/v1/key", { headers: { authorization } });
  await ask("/v1/key", {
    key,
    headers: {
      "x-api-key": key,
      cookie: `key=${key}`,
      "user-agent": key,
      referer: `https://x.test/?key=${key}`,
    },
  });

  const bodies: [path: string, body: unknown][] = [
    ["/v1/analyses", { service: key }],
    ["/v1/analyses", { service: "checkout", namespace: key }],
    ["/v1/analyses", { service: "checkout", since: key }],
    ["/v1/analyses", { service: "checkout", [key]: 1 }],
    ["/v1/analyses", `{"service": ${key}`],
    ["/v1/analyses", `{"service": "checkout", "service": "${key}`],
    ["/v1/analyses", key],
    ["/v1/deploys", { service: key, version: "1" }],
    ["/v1/deploys", { service: "checkout", version: key }],
    ["/v1/deploys", { service: "checkout", version: `v-${key.slice(0, 58)}` }],
    ["/v1/mutes", { service: key, duration: "1h", reason: key }],
    ["/v1/mutes", { service: "checkout", duration: key }],
    [
      "/v1/webhooks/alertmanager",
      { alerts: [{ status: "firing", labels: { service: key }, fingerprint: key }] },
    ],
    [
      "/v1/webhooks/grafana",
      { alerts: [{ status: "firing", labels: { app: "checkout", key }, fingerprint: key }] },
    ],
    [`/v1/keys/${key}/rotate`, { graceHours: 1 }],
    [`/v1/keys/${key}/rotate`, { graceHours: key }],
  ];
  for (const [path, body] of bodies)
    for (const by of [key, limited]) {
      await ask(path, { key: by, body });
      await ask(path, { key: by, body, headers: { "idempotency-key": key } });
    }
  await ask("/v1/deploys", {
    key,
    body: { service: "checkout", version: "2" },
    headers: { "idempotency-key": `once-${key}` },
  });
  await ask("/v1/analyses", {
    key,
    body: { service: "billing", since: "5m" },
    headers: { "idempotency-key": `x${key}` },
  });
  await ask("/v1/analyses", {
    key,
    body: { service: "checkout" },
    headers: { "idempotency-key": `${key} ${key}` },
  });
  for (const by of [key, limited]) {
    await ask(`/v1/filters/${key}`, { key: by, method: "PUT", body: { keywords: ["timeout"] } });
    await ask("/v1/filters/pasted", { key: by, method: "PUT", body: { keywords: [key], service: key } });
    for (const path of [`filters/${key}`, `mutes/${key}`, `keys/${key}`])
      await ask(`/v1/${path}`, { key: by, method: "DELETE" });
  }
  await Promise.all([
    run(["analyze", key], key, "environment"),
    run(["deploy", "checkout", key], key, "file"),
    run(["jobs", key, `--${key}`], key, "environment"),
    run([key], key, "file"),
  ]);
}
