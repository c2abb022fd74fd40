import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openConsole } from "../support/consoleClient.ts";
import { refusedWith } from "../support/discord/faults.ts";
import { eventually, until } from "../support/eventually.ts";
import { type Program, startProgram } from "../support/program.ts";
import { openRootCauseStage, type RootCauseStage } from "../support/rootCauseStage.ts";
import { type Canaries, createCanaries } from "./canaries.ts";

let stage: RootCauseStage;
let canaries: Canaries;
/** In a row that the database refuses, and says so with all that is in it. */
const ROW = "kestrel-9471";
/** At which nobody listens. */
const NOBODY = "127.0.0.1:1";
/** All that came out, by where. */
const out: { place: string; text: string }[] = [];
const said = (place: string, text: string) => void out.push({ place, text });

beforeAll(async () => {
  canaries = createCanaries();
  const { make } = canaries;
  stage = await openRootCauseStage({
    LOG_LEVEL: "debug",
    HTTP_PORT: "0",
    LOKI_USERNAME: "user",
    LOKI_PASSWORD: make("LOKI_PASSWORD"),
    OPENAI_API_KEY: `sk-${make("OPENAI_API_KEY")}`,
    METRICS_TOKEN: make("METRICS_TOKEN"),
    ENCRYPTION_KEYS: `1:${Buffer.from(make("ENCRYPTION_KEYS").padEnd(32, "x")).toString("base64")}`,
    REDIS_URL: `redis://:${make("REDIS_URL")}@${NOBODY}`,
  });
  canaries.know("DATABASE_URL", new URL(stage.databaseUrl).password);
  canaries.know("console token", new URL(stage.programs[0]?.address ?? "").searchParams.get("token") ?? "");
});
afterAll(() => stage?.close());

/** What a program printed but for the address of its console, which is for whoever starts it. */
const printed = ({ output, address }: Program) => output().replaceAll(address, "");
const apiOf = (program: Program) =>
  `http://${/HTTP\s+(127\.0\.0\.1:\d+), for the API/.exec(program.output())?.[1]}`;

async function ask(place: string, url: string, init: RequestInit = {}): Promise<number> {
  const answer = await fetch(url, { redirect: "manual", ...init });
  said(place, `${answer.status}\n${[...answer.headers].join("\n")}\n${await answer.text()}`);
  return answer.status;
}

describe("a secret", () => {
  test("is not told where whoever is asked refuses, breaks off, hangs, or talks nonsense and repeats it", async () => {
    const { seats, loki, discord, slack, model } = stage;
    const program = stage.programs.at(-1) as Program;
    const echo = loki.requests.find(({ headers }) => headers.authorization)?.headers.authorization ?? "";
    expect(echo).toMatch(/^Basic /);
    const faults = [
      { kind: "status", status: 401, body: `no such user: authorization: ${echo}` },
      { kind: "status", status: 500, body: `panic: Authorization: ${echo}` },
      { kind: "body", body: `<html>authorization: ${echo}</html>` },
      { kind: "truncated" },
      { kind: "cut" },
    ] as const;
    for (const [n, fault] of faults.entries()) {
      loki.fault({ ...fault, times: 6 });
      await seats.web.command("search", { text: `fault-${n}` });
    }
    const key = model.wire.seen[0]?.headers.authorization ?? "Bearer sk-none";
    for (const body of [`{"error":{"message":"Incorrect API key provided: ${key}"}}`, `<html>${key}</html>`])
      model.wire.next({ status: 401, body: [body] }, { status: 500, body: [body] });
    await seats.web.command("analyze", { service: "checkout", since: "17m" });
    await seats.slack.command("analyze", { service: "checkout", since: "18m" });
    slack.faults.next("chat.postMessage", { kind: "error", code: "channel_not_found" }, { kind: "dropped" });
    slack.faults.next("chat.postEphemeral", { kind: "status", status: 500 }, { kind: "dropped" });
    slack.faults.next("response_url", { kind: "status", status: 500 }, { kind: "dropped" });
    await seats.slack.command("status");
    await seats.slack.command("analyze", { service: "checkout", since: "19m" });
    for (const fault of [
      refusedWith(403, 50001),
      refusedWith(500, 0),
      { kind: "cut" } as const,
      refusedWith(401, 0),
    ]) {
      discord.faults.order(/@original$/, fault);
      await seats.discord.command("status");
    }
    await stage.rows(`\
create function fail() returns trigger language plpgsql as $$ begin raise exception 'no room' using detail = new::text; end $$;
create trigger fail before insert on saved_filters for each row execute function fail()`);
    await seats.web.command("filters save", { name: ROW, service: "x" });
    await until(() => program.output().includes("no room"), "failure of the database");
    await stage
      .rows(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()",
      )
      .catch(() => []);
    await eventually(
      () =>
        seats.web.command("status").then(
          () => true,
          () => undefined,
        ),
      "database that is back",
      { everyMs: 100 },
    );

    const api = apiOf(program);
    const token = { authorization: `Bearer ${canaries.make("a key that is none")}` };
    expect(await ask("/metrics refused", `${api}/metrics`, { headers: token })).toBe(401);
    expect(await ask("API refused", `${api}/v1/clusters`, { headers: token })).toBe(401);
    await ask("/v1/health", `${api}/v1/health`);
    const guess = canaries.make("a console token that is none");
    expect(await ask("console refused", `${new URL(program.address).origin}/?token=${guess}`)).toBe(401);
    said("the program", printed(program));
    for (const seat of Object.values(seats)) said(`cards on ${seat.name}`, JSON.stringify(await seat.said()));
    for (const token of interactionTokens()) canaries.know("interaction token", token);
  });

  test("is not told where a program starts and nobody of all it needs answers", async () => {
    const { make } = canaries;
    const secret = make("SLACK_SIGNING_SECRET");
    const program = await startProgram({
      ...{
        DATABASE_URL: stage.databaseUrl,
        STATE_DIR: stage.stateDirectory,
        ORG: "acme",
        LOG_LEVEL: "debug",
      },
      ...{ HTTP_PORT: "0", HTTP_PUBLIC_URL: "https://loghunter.test" },
      LOKI_URL: `http://${NOBODY}`,
      LOKI_TOKEN: make("LOKI_TOKEN"),
      LOKI_PROXY: `http://u:${make("LOKI_PROXY")}@${NOBODY}`,
      MODEL_PROXY: `http://u:${make("MODEL_PROXY")}@${NOBODY}`,
      ...{ ANTHROPIC_MODELS: "m", OLLAMA_MODELS: "m", VLLM_MODELS: "m", OPENAI_MODELS: "m" },
      OPENAI_API_KEY: make("OPENAI_API_KEY"),
      OPENAI_BASE_URL: `http://${NOBODY}/v1`,
      ANTHROPIC_API_KEY: make("ANTHROPIC_API_KEY"),
      ANTHROPIC_BASE_URL: `http://${NOBODY}`,
      OLLAMA_BASE_URL: `http://${NOBODY}`,
      OLLAMA_API_KEY: make("OLLAMA_API_KEY"),
      VLLM_BASE_URL: `http://${NOBODY}/v1`,
      VLLM_API_KEY: make("VLLM_API_KEY"),
      SLACK_SIGNING_SECRET: secret,
      SLACK_CLIENT_ID: "1.2",
      SLACK_CLIENT_SECRET: make("SLACK_CLIENT_SECRET"),
      SLACK_STATE_SECRET: make("SLACK_STATE_SECRET"),
      SLACK_API_URL: stage.slack.apiUrl,
      ENCRYPTION_KEYS: `1:${Buffer.from(make("ENCRYPTION_KEYS").padEnd(32, "x")).toString("base64")}`,
    });
    const slack = `${apiOf(program)}/slack`;
    const begun = await fetch(`${slack}/install`, { redirect: "manual" });
    const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
    expect(state.length).toBeGreaterThan(20);
    const cookie = begun.headers.getSetCookie().join("; ").split(";")[0] ?? "";
    const code = make("OAuth code");
    canaries.know("OAuth state", state.split(".").at(-1) ?? "");
    for (const query of [
      `code=${code}&state=${state}`,
      `code=${code}`,
      `state=${state}`,
      `error=${code}&state=${state}`,
    ])
      await ask("/slack/oauth_redirect", `${slack}/oauth_redirect?${query}`, { headers: { cookie } });
    const body = `token=${make("a token in a body")}`;
    await ask("/slack/events", `${slack}/events`, {
      method: "POST",
      body,
      headers: { "x-slack-signature": "v0=1" },
    });
    const page = await openConsole(program.address);
    for (const line of ["status", "model show", "errors", "analyze checkout"])
      await page.say(`/loghunter ${line}`);
    await page.waitFor("an answer", ({ html }) => /Loki does not answer|no error|NOT DONE/i.test(html));
    said("cards of a program without anybody", JSON.stringify(await page.messages()));
    await program.end("SIGTERM");
    said("a program without anybody", printed(program));
  });

  test("of all of these stands nowhere in what came out", () => {
    expect(canaries.count).toBeGreaterThan(25);
    expect(out.length).toBeGreaterThan(12);
    expect(out.find(({ place }) => place === "the program")?.text).toContain('"level":"debug"');
    expect(out.find(({ place }) => place === "the program")?.text).not.toContain(ROW);
    const leaks = out.flatMap(({ place, text }) =>
      canaries.foundIn(text).map((found) => `${place}: ${found}`),
    );
    expect(leaks.slice(0, 30)).toEqual([]);
  });
});

/** Each answers for its person for a quarter of an hour. */
function interactionTokens(): string[] {
  const paths = stage.discord.requests.map(({ path }) =>
    /\/webhooks\/\d+\/([^/]+)|\/interactions\/\d+\/([^/]+)/.exec(path),
  );
  return [...new Set(paths.flatMap((found) => (found === null ? [] : [found[1] ?? found[2] ?? ""])))];
}
