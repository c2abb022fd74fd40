import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openFiles } from "../../adapters/files/index.ts";
import { createLog } from "../../src/log.ts";
import { readSamples } from "../../src/samples.ts";
import { type ConsoleClient, openConsole } from "../support/consoleClient.ts";
import { type StandInLine, type StandInLoki, startStandInLoki } from "../support/loki/standIn.ts";
import { endPrograms, makeStateDirectory, type Program, startProgram } from "../support/program.ts";

const HOUR_NS = 3_600_000_000_000n;
let server: StandInLoki;
let stateDirectory: string;
let program: Program;
let page: ConsoleClient;

/** The recorded incidents as an agent would have pushed them to Loki, the last moment of each being now. */
async function incidentLines(): Promise<StandInLine[]> {
  const asMs = Date.now();
  const paths = (await readSamples()).map(({ directory, namespace, recordedNowMs }) => ({
    pattern: `${directory}/*.log.gz`,
    namespace,
    replay: { recordedNowMs, asMs },
  }));
  const files = await openFiles({ paths, org: "local", now: () => asMs, log: createLog("silent") });
  const lines: StandInLine[] = [];
  const all = { fromMs: asMs - 6 * 3_600_000, toMs: asMs, order: "oldest first", limit: 1_000_000 } as const;
  for await (const { atNs, text, service, namespace, level } of files.lines("local", all)) {
    const labels = { service_name: service, namespace, ...(level && { level: level.toLowerCase() }) };
    lines.push({ atNs, text, labels });
  }
  await files.close();
  return lines;
}

beforeAll(async () => {
  server = await startStandInLoki({
    tenants: { acme: await incidentLines() },
    auth: { basic: "reader:pass-1" },
  });
  stateDirectory = await makeStateDirectory();
  program = await startProgram({
    STATE_DIR: stateDirectory,
    LOKI_URL: server.url,
    LOKI_USERNAME: "reader",
    LOKI_PASSWORD: "pass-1",
    GRAFANA_URL: "http://grafana.test/g",
    GRAFANA_DATASOURCE: "loki-1",
    ORG: "acme",
  });
  page = await openConsole(program.address);
});

afterAll(async () => {
  await endPrograms();
  await server.close();
  await rm(stateDirectory, { recursive: true, force: true });
});

describe("on Loki the main job runs as on files", () => {
  test("the start says which Loki it reads, and no password", () => {
    expect(program.output()).toMatch(
      /Logs +Loki 3\.7\.6 at 127\.0\.0\.1:\d+: services by the label service_name/,
    );
    expect(program.output()).not.toContain("pass-1");
  });

  test("analyze names the cause, with a link to the lines", async () => {
    server.requests.length = 0;
    const answer = await page.ask("/loghunter analyze checkout", (message) =>
      /CAUSE|ENOUGH/.test(message.html),
    );

    expect(answer.html).toContain(
      "orders-db: the database refuses connections because every slot is in use.",
    );
    const href = /href="(http:\/\/grafana\.test\/g\/explore\?[^"]*)"/.exec(answer.html)?.[1] ?? "";
    const panes = JSON.parse(new URL(href.replaceAll("&amp;", "&")).searchParams.get("panes") ?? "{}");
    expect(panes.lh.queries[0].expr).toMatch(/^\{service_name=~"checkout\|orders-db", namespace="shop"\} \|/);
    expect(panes.lh.datasource).toBe("loki-1");
    const shown = await page.ask("show [1]", (message) => message.html.includes("connection slots"), {
      thread: answer.id,
    });
    expect(shown.html).toContain("grafana.test/g/explore");
  });

  test("a day is analysed without a log query wider than an hour", async () => {
    server.requests.length = 0;
    await page.ask("/loghunter analyze profile since:1d", (message) => /CAUSE|ENOUGH/.test(message.html));

    const widths = server.requests
      .filter(({ path, params }) => path.endsWith("/query_range") && !params.get("query")?.startsWith("sum"))
      .map(({ params }) => BigInt(params.get("end") ?? 0) - BigInt(params.get("start") ?? 0));
    expect(widths.length).toBeGreaterThan(0);
    for (const width of widths) expect(width <= HOUR_NS).toBe(true);
    expect(server.requests.every(({ org }) => org === "acme")).toBe(true);
  });

  test("errors, search by text and by LogQL, and status answer too", async () => {
    const errors = await page.ask("/loghunter errors checkout", (message) =>
      message.html.includes("kinds of"),
    );
    expect(errors.html).toContain("connection slots");
    const found = await page.ask("/loghunter search slots service:checkout", (message) =>
      message.html.includes("lines in checkout"),
    );
    expect(found.html).toContain("explore?");
    await page.ask('/loghunter search {service_name="orders-db"} |= "slots" |~ "reserved|many"', (message) =>
      message.html.includes("lines for your log query"),
    );
    const wrong = await page.ask('/loghunter search {service_name="orders-db"', (message) =>
      message.html.includes("NOT DONE"),
    );
    expect(wrong.html).toMatch(/line 1, column \d+/);
    const status = await page.ask("/loghunter status", (message) => message.html.includes("Organisation"));
    expect(status.html).toContain("levels by level");
  });

  test("a Loki that goes away is said, the process stays up, and works again when it is back", async () => {
    let isAway = true;
    server.fault({ kind: "cut", times: 100_000, matches: () => isAway });
    const status = await page.ask("/loghunter status", (message) => message.html.includes("To mend"));
    expect(status.html).toContain("Loki does not answer");
    const search = await page.ask("/loghunter search anything", (message) =>
      message.html.includes("NOT DONE"),
    );
    expect(search.html).toContain("Loki does not answer");
    isAway = false;
    await page.ask("/loghunter search slots", (message) => message.html.includes("lines in all services"));
    expect(await program.end("SIGTERM")).toBe(0);
  });
});
