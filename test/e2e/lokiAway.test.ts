import { rm } from "node:fs/promises";
import { afterAll, expect, test } from "@jest/globals";
import { KEY_PATTERN } from "../../src/keys/apiKey.ts";
import { openConsole } from "../support/consoleClient.ts";
import { eventually } from "../support/keyDesks.ts";
import { startStandInLoki } from "../support/loki/standIn.ts";
import { endPrograms, makeStateDirectory, startProgram } from "../support/program.ts";

const stateDirectory = await makeStateDirectory();
afterAll(async () => {
  await endPrograms();
  await rm(stateDirectory, { recursive: true, force: true });
}, 30_000);

test("a Loki at whose address nobody listens is told as that by the API, and not as the database", async () => {
  const loki = await startStandInLoki({ tenants: { acme: [] } });
  const program = await startProgram({
    ...{ STATE_DIR: stateDirectory, LOKI_URL: loki.url, ORG: "acme", HTTP_PORT: "0" },
  });
  const page = await openConsole(program.address);
  await page.ask("/loghunter channel keys", ({ html }) => html.includes("API keys"));
  const stopListening = page.listen();
  await page.fill("keys create", { name: "reader", scopes: "read:logs" });
  // It is shown once, in a message that is not kept.
  const key = await eventually(
    () => page.heard.map((text) => KEY_PATTERN.exec(text)?.[0]).find(Boolean),
    "the key",
  );
  await stopListening();
  const authorization = `Bearer ${key}`;
  const api = /HTTP\s+(127\.0\.0\.1:\d+), for the API/.exec(program.output())?.[1];
  await loki.close();

  for (const path of ["errors?service=shop", "lines?service=shop"]) {
    const answer = await fetch(`http://${api}/v1/${path}`, { headers: { authorization } });
    const { detail } = (await answer.json()) as { detail: string };
    expect([path, answer.status, detail]).toEqual([
      path,
      503,
      expect.stringMatching(/^Loki does not answer/),
    ]);
  }
  expect((await fetch(`http://${api}/readyz`)).status).toBe(200);
}, 60_000);
