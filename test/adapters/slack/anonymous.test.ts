import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Log } from "../../../src/log.ts";
import { eventually } from "../../support/eventually.ts";
import { createScriptedCore, type ScriptedCore } from "../../support/scriptedCore.ts";
import { signed } from "../../support/slack/person.ts";
import { ACME } from "../../support/slack/world.ts";
import { type OpenSlack, openHttpSlack } from "./harness.ts";

describe("requests of anybody, to what Slack is served by", () => {
  let core: ScriptedCore;
  let on: OpenSlack;
  /** What a log of production keeps. */
  let loud: string[];
  let quiet: string[];
  let nowMs: number;
  beforeEach(async () => {
    core = createScriptedCore();
    loud = [];
    quiet = [];
    nowMs = Date.now();
    const into = (lines: string[]) => (data: unknown, message: unknown) =>
      void lines.push(`${message} ${JSON.stringify(data)}`);
    const log = { debug: into(quiet), info: into(loud), warn: into(loud), error: into(loud) };
    on = await openHttpSlack(core, { log: log as unknown as Log, now: () => nowMs });
  });
  afterEach(() => on.close());

  const send = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${on.url}/slack/events`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      signal: AbortSignal.timeout(2_000),
    });

  async function beginInstallation() {
    const response = await fetch(`${on.url}/slack/install`, { redirect: "manual" });
    const state = new URL(response.headers.get("location") ?? "").searchParams.get("state") ?? "";
    return { state, cookie: (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
  }

  async function comeBack({ state, cookie }: { state: string; cookie: string }, code = "made-up") {
    const query = new URLSearchParams({ code, state });
    const response = await fetch(`${on.url}/slack/oauth_redirect?${query}`, { headers: { cookie } });
    return response.status;
  }

  const KINDS: Record<string, [() => Promise<number>, number]> = {
    "to a path that there is not": [async () => (await fetch(`${on.url}/slack/nothing`)).status, 404],
    "to a path that is no address": [async () => (await fetch(`${on.url}/slack/%zz`)).status, 404],
    "that only look at where deliveries go": [
      async () => (await fetch(`${on.url}/slack/events`)).status,
      404,
    ],
    "without a signature": [async () => (await send("{}")).status, 401],
    "with a signature of their own": [
      async () => (await send("{}", signed("{}", { secret: "a guess" }))).status,
      401,
    ],
    "that are dated ahead": [async () => (await send("{}", signed("{}", { skewSeconds: 900 }))).status, 401],
    "that are old": [async () => (await send("{}", signed("{}", { skewSeconds: -900 }))).status, 401],
    "that are larger than any of Slack's": [async () => (await send("x".repeat(1_100_000))).status, 413],
    "that come back from an installation that nobody began": [
      () => comeBack({ state: "a.b.c", cookie: "slack-app-oauth-state=a.b.c" }),
      400,
    ],
    "that come back without anything": [
      async () => (await fetch(`${on.url}/slack/oauth_redirect`)).status,
      400,
    ],
  };
  for (const [kind, [ask, status]] of Object.entries(KINDS)) {
    test(`${kind} are refused, and write nothing into a log of production`, async () => {
      for (let at = 0; at < 3; at++) expect(await ask()).toBe(status);
      expect(loud).toEqual([]);
      expect(quiet.join("\n")).not.toMatch(/"stack"|\n\s+at /);
    });
  }

  test("that come back with codes they made up are told of once in a minute, with what Slack says to it", async () => {
    for (let at = 0; at < 3; at++) expect(await comeBack(await beginInstallation())).toBe(500);
    expect(loud).toHaveLength(1);
    expect(loud[0]).toContain("invalid_code");
    nowMs += 61_000;
    expect(await comeBack(await beginInstallation())).toBe(500);
    expect(loud).toHaveLength(2);
  });

  for (const [contentType, body] of [
    ["application/json", "null"],
    ["application/json", "7"],
    ["application/json", '"text"'],
    ["application/json", "[]"],
    ["application/json", "{"],
    ["application/json", ""],
    ["application/x-www-form-urlencoded", "payload=null"],
    ["application/x-www-form-urlencoded", "payload=%5B%5D"],
  ] as const) {
    test(`that are signed, and whose body is no object, are answered and end nothing: ${contentType} ${body}`, async () => {
      const headers = { "content-type": contentType, ...signed(body) };
      expect((await send(body, headers)).status).toBe(400);
      await on.anna.command("status");
      const inbound = await eventually(async () => core.inbounds[0]);
      expect(inbound.place.workspace).toBe(ACME.id);
    });
  }
});
