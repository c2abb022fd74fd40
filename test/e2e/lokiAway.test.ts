import { rm } from "node:fs/promises";
import { afterAll, expect, test } from "@jest/globals";
import { KEY_PATTERN } from "../../src/keys/apiKey.ts";
import { openConsole } from "../support/consoleClient.ts";
import { eventually, until } from "../support/eventually.ts";
import { startStandInLoki } from "../support/loki/standIn.ts";
import { brokenShop } from "../support/models/brokenShop.ts";
import { endPrograms, makeStateDirectory, startProgram } from "../support/program.ts";

const states: string[] = [];
afterAll(async () => {
  await endPrograms();
  for (const state of states) await rm(state, { recursive: true, force: true });
});

/** A program that reads a Loki, and what asks its API with a key. */
async function openApi() {
  const loki = await startStandInLoki({ tenants: { acme: brokenShop(Date.now()) } });
  const state = await makeStateDirectory();
  states.push(state);
  const program = await startProgram({ STATE_DIR: state, LOKI_URL: loki.url, ORG: "acme", HTTP_PORT: "0" });
  const page = await openConsole(program.address);
  await page.ask("/loghunter channel keys", ({ html }) => html.includes("API keys"));
  const stopListening = page.listen();
  await page.fill("keys create", { name: "reader", scopes: "read:logs,read:analysis,write:analysis" });
  // It is shown once, in a message that is not kept.
  const shown = () => page.heard.map((text) => KEY_PATTERN.exec(text)?.[0]).find(Boolean);
  const key = await eventually(shown, "the key");
  await stopListening();
  const api = /HTTP\s+(127\.0\.0\.1:\d+), for the API/.exec(program.output())?.[1];
  const headers = { authorization: `Bearer ${key}` };
  const ask = async (path: string, body?: object) => {
    const answer = await fetch(`http://${api}${path}`, {
      headers: { ...headers, "content-type": "application/json" },
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    });
    return { status: answer.status, said: await answer.text() };
  };
  // A key is good once it is noted that somebody saw it.
  await until(async () => (await ask("/v1/key")).status === 200, "a key that is let in", { everyMs: 200 });
  return { loki, program, ask };
}

test("a Loki at whose address nobody listens is told as that by the API, and not as the database", async () => {
  const { loki, ask } = await openApi();
  // Which services there are is known for a while, so what takes the longest is asked for first.
  expect((await ask("/v1/errors?service=checkout")).status).toBe(200);
  await loki.close();
  const begun = await ask("/v1/analyses", { service: "checkout" });
  expect(begun.status).toBe(202);
  const { id } = JSON.parse(begun.said) as { id: string };
  for (const path of ["/v1/errors?service=checkout", "/v1/lines?service=checkout"]) {
    const { status, said } = await ask(path);
    expect([path, status, said]).toEqual([path, 503, expect.stringContaining('"Loki does not answer.')]);
  }
  const ended = await eventually(
    async () => {
      const job = JSON.parse((await ask(`/v1/jobs/${id}`)).said) as { state: string; failure: string };
      return job.state === "queued" || job.state === "running" ? undefined : job;
    },
    "the end of the job",
    // A key makes 120 requests a minute: who asks more often is told nothing for the rest of it.
    { everyMs: 1_000 },
  );
  expect(ended.state).toBe("failed");
  expect(ended.failure).toMatch(/^Loki does not answer\./);
  expect((await ask("/readyz")).status).toBe(200);
});

test("who waits for a Loki that hangs when the process is told to end is told to ask again", async () => {
  const { loki, program, ask } = await openApi();
  const isMeant = ({ params }: { params: URLSearchParams }) =>
    params.get("query")?.includes('"checkout"') === true;
  loki.fault({ kind: "slow", ms: 60_000, times: 1_000, matches: isMeant });
  const before = loki.requests.length;
  const asked = ask("/v1/errors?service=checkout");
  await until(() => loki.requests.slice(before).some(isMeant), "a query under way");
  const fromMs = performance.now();
  await Promise.all([
    program.end("SIGTERM"),
    asked.then(({ status, said }) => {
      expect([status, said]).toEqual([503, expect.stringContaining("Ask again in a minute.")]);
    }),
  ]);
  expect(performance.now() - fromMs).toBeLessThan(10_000);
  await loki.close();
});
