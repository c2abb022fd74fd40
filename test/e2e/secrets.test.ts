import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { makeKey, readKey } from "../../src/keys/apiKey.ts";
import { SCOPE_NAMES } from "../../src/keys/scopes.ts";
import { refusedWith } from "../support/discord/faults.ts";
import { until as comesTrue, eventually } from "../support/eventually.ts";
import type { Heap } from "../support/heaps.ts";
import type { KeyDesk } from "../support/keyDesks.ts";
import { ANY_KEY, type KeyStage, openKeyStage } from "../support/keyStage.ts";
import { pasteEverywhere, pasteIntoApi } from "../support/pastedKey.ts";
import { until } from "../support/seats.ts";
import { createSecretSearch } from "../support/secretSearch.ts";

let stage: KeyStage;
/** Keys that nobody was ever to see. */
const never = new Map<string, string>();
/** The key of each desk that works just now. */
const keys = new Map<string, string>();
const keyOf = ({ name }: KeyDesk) => keys.get(name) as string;
/** Windows of other lengths, so that nobody's analysis joins another's. */
const SINCE = { slack: "20m", discord: "26m", web: "32m" };

beforeAll(async () => {
  stage = await openKeyStage();
});
afterAll(() => stage?.close());

/** Makes a key in a form, or rotates one. */
async function fill(desk: KeyDesk, command: string, values: Record<string, string>): Promise<string> {
  expect(await desk.fill(command, values)).toBe("");
  return stage.newKey(`${command} ${values.name} on ${desk.name}`, desk);
}

const statusOf = async (key: string) => (await stage.api.ask("/v1/key", { key })).status;

/** A key takes a moment from being shown to working. */
const untilItIs = (key: string, status: number) =>
  comesTrue(async () => (await statusOf(key)) === status, `answer ${status} to a key`, { everyMs: 200 });

describe("a key on Slack, Discord and the web console", () => {
  test("is made in the form of a channel that an admin has named for it", async () => {
    await stage.everywhere(async (desk) => {
      await desk.command("channel keys");
      await until(desk, /API keys: on/i);
      const values = { name: `ci-${desk.name}`, scopes: SCOPE_NAMES.join(",") };
      keys.set(desk.name, await fill(desk, "keys create", values));
      await untilItIs(keyOf(desk), 200);
    });
  });

  test("opens the API: an analysis, done once, and what else there is; another one opens nothing", async () => {
    const { ask } = stage.api;
    await stage.everywhere(async (desk) => {
      const key = keyOf(desk);
      const headers = { "idempotency-key": randomUUID() };
      const request = { key, body: { service: "checkout", since: SINCE[desk.name] }, headers };
      const started = await ask("/v1/analyses", request);
      expect(started.status).toBe(202);
      expect(await ask("/v1/analyses", request)).toEqual(started);
      const { id } = JSON.parse(started.text) as { id: string };
      const isFound = async () => /"analysisId":"/.test((await ask(`/v1/jobs/${id}`, { key })).text);
      await comesTrue(isFound, "analysis", { everyMs: 1_000 });
      const lines = ["lines?service=checkout&since=5m", "errors?service=checkout"];
      for (const path of ["audit", "keys", "deploys", "clusters", ...lines])
        expect([path, (await ask(`/v1/${path}`, { key })).status]).toEqual([path, 200]);
      const wrong = makeKey(readKey(key)?.id ?? "").raw;
      never.set(wrong, `wrong key of ${desk.name}`);
      for (const other of [wrong, `${key.slice(0, -1)}!`]) expect(await statusOf(other)).toBe(401);
    });
  });

  test("serves the command line, from the environment and from a file, in words and as JSON", async () => {
    await stage.everywhere(async (desk) => {
      const [words, json] = await Promise.all([
        stage.api.run(["key"], keyOf(desk), "environment"),
        stage.api.run(["--json", "analyze", "checkout", "--since", "15m"], keyOf(desk), "file"),
      ]);
      expect(words).toMatchObject({ code: 0, output: expect.stringContaining(`ci-${desk.name}`) });
      expect(JSON.parse(json.output)).toMatchObject({ provider: expect.any(String) });
    });
  });

  test("gets another one in its place, by a form, and by the API", async () => {
    await stage.everywhere(async (desk) => {
      const name = `ci-${desk.name}`;
      const key = await fill(desk, "keys rotate", { name, grace: "1h" });
      await untilItIs(key, 200);
      expect(await statusOf(keyOf(desk))).toBe(200);
      const request = { key, body: { graceHours: 1 }, headers: { "idempotency-key": randomUUID() } };
      expect((await stage.api.ask(`/v1/keys/${name}/rotate`, request)).status).toBe(201);
      expect((await stage.api.ask(`/v1/keys/${name}/rotate`, request)).status).toBe(409);
      keys.set(desk.name, await stage.newKey(`${name} by the API`, undefined, `"name":"${name}"`));
    });
  });

  test("may be pasted wherever there is room, and works as before", async () => {
    const { slack } = stage.desks();
    const limited = await fill(slack, "keys create", { name: "limited", scopes: "read:analysis" });
    await untilItIs(limited, 200);
    await stage.everywhere((desk) => pasteEverywhere(stage, desk, keyOf(desk)));
    await pasteIntoApi(stage.api, keyOf(slack), limited);
    await stage.everywhere((desk) => untilItIs(keyOf(desk), 200));
  });
});

describe("a key that does not surely reach who asked for it", () => {
  const make = (desk: KeyDesk, name: string) => fill(desk, "keys create", { name, scopes: "read:logs" });

  async function expectNeverWorked(desk: KeyDesk, name: string, key?: string): Promise<void> {
    await until(desk, new RegExp(`API key ${name}: revoked at once`));
    if (key !== undefined) expect(await statusOf(key)).toBe(401);
    const rows = await stage.rows("select shown_at, deleted_at from api_keys where name = $1", [name]);
    expect(rows).toEqual([{ shown_at: null, deleted_at: expect.any(Date) }]);
  }

  test("is revoked at once where Slack refuses it, or fails", async () => {
    const { slack: desk } = stage.desks();
    const { faults } = stage.slack;
    faults.next("chat.postEphemeral", { kind: "error", code: "user_not_in_channel" });
    faults.next("conversations.open", { kind: "error", code: "user_disabled" });
    await expectNeverWorked(desk, "refused-slack", await make(desk, "refused-slack"));
    faults.next("chat.postEphemeral", { kind: "status", status: 502 });
    await expectNeverWorked(desk, "failed-slack", await make(desk, "failed-slack"));
  });

  test("is revoked at once where Discord refuses it, or fails", async () => {
    const { discord: desk } = stage.desks();
    const { faults, world } = stage.discord;
    const answer = /^PATCH \/webhooks\/.*@original$/;
    faults.order(answer, refusedWith(403, 50001));
    // In direct messages as well, whether or not they have begun.
    faults.order(/^POST \/users\/@me\/channels$/, refusedWith(403, 50007));
    for (const { id, recipient } of world.channels.values())
      if (recipient !== undefined)
        faults.order(new RegExp(`^POST /channels/${id}/messages$`), refusedWith(403, 50007));
    await expectNeverWorked(desk, "refused-discord", await make(desk, "refused-discord"));
    faults.order(answer, refusedWith(500, 0));
    await expectNeverWorked(desk, "failed-discord", await make(desk, "failed-discord"));
  });

  test("is revoked at once where the page that asked has left", async () => {
    const { web: desk } = stage.desks();
    const other = await stage.connect();
    await other.query("begin; lock table api_keys in share mode");
    const leaving = new AbortController();
    const values = { name: "left-web", scopes: "read:logs" };
    const filling = desk.page.fill("keys create", values, leaving.signal).catch(() => "left");
    const waits = "select from pg_locks where relation = 'api_keys'::regclass and not granted";
    await eventually(async () => (await stage.rows(waits))[0], "key that is being made");
    leaving.abort();
    expect(await filling).toBe("left");
    await other.query("commit");
    await expectNeverWorked(desk, "left-web");
  });

  test("opens nothing where the database fails once it was shown, whatever the database says of it", async () => {
    await stage.rows(`\
create function fail() returns trigger language plpgsql as $$
begin raise exception 'no room for %', new using detail = new::text; end $$;
create trigger fail before update on api_keys for each row when (new.name like 'unnoted-%') execute function fail()`);
    await stage.everywhere(async (desk) =>
      expect(await statusOf(await make(desk, `unnoted-${desk.name}`))).toBe(401),
    );
    const isLogged = () => stage.programs.at(-1)?.output().includes("no room for") || undefined;
    await eventually(isLogged, "failure in the log");
    await stage.rows("drop function fail cascade");
  });

  test("opens nothing where the process is killed before it knows that the key was shown", async () => {
    stage.slack.faults.next("chat.postEphemeral", { kind: "hang" });
    const key = await make(stage.desks().slack, "killed");
    await stage.killAndMove();
    expect(await statusOf(key)).toBe(401);
    await stage.everywhere((desk) => untilItIs(keyOf(desk), 200));
  });
});

describe("after all of that", () => {
  let written: Heap[];
  let find: ReturnType<typeof createSecretSearch>;
  const textOf = (place: string) => written.find((heap) => heap.place.includes(place))?.text ?? "";
  /** Few enough that whoever reads them sees what they have in common. */
  const shortened = (all: readonly unknown[]) =>
    all.slice(0, 40).map((one) => JSON.stringify(one).slice(0, 500));

  test("a key that is revoked opens nothing", async () => {
    await stage.everywhere(async (desk) => {
      expect(await desk.fill("keys revoke", { name: `ci-${desk.name}` })).toBe("");
      await untilItIs(keyOf(desk), 401);
    });
    const metrics = await stage.api.ask("/metrics");
    expect(metrics).toMatchObject({ status: 200, text: expect.stringContaining("loghunter_sends_total") });
    await stage.desks().web.page.get("/earlier?channel=logs");
  });

  test("the search finds what is there: ids, last four characters, and a secret that is planted", async () => {
    written = await stage.written();
    const sought = [...stage.shown, ...never].map(([key, name]) => ({
      name,
      secret: key.split("_")[2] ?? "",
    }));
    find = createSecretSearch(sought);
    for (const [key] of stage.shown) {
      expect(textOf("public.audit_entries")).toContain(key.slice(-4));
      expect(textOf("public.api_keys")).toContain(readKey(key)?.id);
    }
    // What is searched is what it is taken for: rows that are gone, jobs, the log at its most talkative.
    expect(textOf("kept.rows")).toMatch(/\(jobs\.[\s\S]*public\.api_requests/);
    expect(textOf("output of process 0")).toContain("Loki answered");
    const places = written.map(({ place }) => place).join("\n");
    for (const place of ["table jobs.", "table public.console_messages", "Redis ", "console-token"])
      expect(places).toContain(place);
    if (process.env.TEST_DATABASE_URL === undefined) expect(places).toContain("server.log");
    const [key = "", name] = [...stage.shown][0] ?? [];
    const planted = `${textOf("kept.rows")} ${Buffer.from(key).toString("base64")} ${textOf("Redis ")}`;
    expect(new Set(find(planted).map((found) => found.name))).toEqual(new Set([name]));
  });

  test("no key stands in what was stored or logged, in any spelling, nor half of one", () => {
    const leaks = written.flatMap(({ place, text }) => find(text).map((found) => ({ place, ...found })));
    expect(shortened(leaks)).toEqual([]);
    // Nor one that nobody was shown, of which nobody knows what it was.
    expect(written.filter(({ text }) => text.search(ANY_KEY) >= 0).map(({ place }) => place)).toEqual([]);
  });

  test("each key went out once, to whoever asked for it, and nothing of it anywhere else", () => {
    const direct = [...stage.discord.world.channels.values()].flatMap(({ id, recipient }) =>
      recipient === undefined ? [] : [`POST .*/channels/${id}/messages`],
    );
    const ways = [
      "POST /api/chat.postEphemeral",
      "PATCH .*/webhooks/.*original",
      "/fill 200",
      "API 201",
      ...direct,
    ];
    const PRIVATE = new RegExp(`: (?:${ways.join("|")})$`);
    const where = new Map(
      [...stage.shown.values(), ...never.values()].map((name) => [name, new Set<string>()]),
    );
    for (const { place, text } of stage.sent()) {
      const whole = text.match(ANY_KEY) ?? [];
      expect([place, whole.filter((key) => !stage.shown.has(key)).length]).toEqual([place, 0]);
      for (const { name, spelling } of find(text)) {
        const [key] = whole;
        where
          .get(name)
          ?.add(key !== undefined && stage.shown.get(key) === name ? place : `${place} (${spelling})`);
      }
      // Once in what shows it, where its reader is alone.
      if (whole.length > 0) expect([place, whole.length]).toEqual([expect.stringMatching(PRIVATE), 1]);
    }
    const nobodys = new Set(never.values());
    const wrong = [...where].filter(([name, { size }]) => {
      // Where Discord refuses the first way the other one is tried.
      if (name.includes("refused-discord") && direct.length > 0) return size !== 2;
      return size !== (nobodys.has(name) ? 0 : 1);
    });
    expect(shortened(wrong.map(([name, places]) => ({ name, places: [...places] })))).toEqual([]);
  });
});
