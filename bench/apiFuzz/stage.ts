import pg from "pg";
import { openDatabase } from "../../src/database.ts";
import { actingOutside, endKeys } from "../../src/keys/issue.ts";
import { type KeyScope, SCOPE_NAMES } from "../../src/keys/scopes.ts";
import { createLog } from "../../src/log.ts";
import { createDirectory } from "../../src/tenancy/directory.ts";
import { issueTestKey } from "../../test/support/api/client.ts";
import { readDocument } from "../../test/support/api/document.ts";
import { createLinesSource, lineAt } from "../../test/support/linesSource.ts";
import { fillEveryTable } from "../../test/support/tenants.ts";
import { openTestApp } from "../../test/support/testApp.ts";
import type { FuzzRun } from "./run.ts";

export interface FuzzStage extends Omit<FuzzRun, "seed" | "requests"> {
  /** What the program has logged as an error. */
  errors(): string[];
  close(): Promise<void>;
}

/** Longer than what one who asks may name: in Loki a label may have 2,048 characters. */
const LONG_SERVICE = `orders-${"x".repeat(300)}`;
const KEYS = 40;

/** The API on a database of its own, with something of every kind in it. */
export async function openFuzzStage(): Promise<FuzzStage> {
  const errors: string[] = [];
  const atMs = Date.now() - 60_000;
  const texts = [
    "connection refused to orders-db",
    "no stock of \u0000 beans",
    "half \ud800 of a pair password=hunter2",
  ];
  const lines = ["checkout", "gateway", LONG_SERVICE].flatMap((service) =>
    Array.from({ length: 60 }, (_, n) =>
      lineAt(atMs - n * 1_000, texts[n % texts.length] as string, { service }),
    ),
  );
  const t = await openTestApp({
    logs: createLinesSource(lines),
    api: { url: () => "http://api.test", keyHashCost: 4, perMinute: 10_000_000 },
    log: createLog("error", { write: (line: string) => void errors.push(line) }),
  });
  const admin = new pg.Client({ connectionString: t.databaseUrl });
  await admin.connect();
  const pools = openDatabase({ url: t.databaseUrl, log: createLog("silent") });
  const directory = createDirectory(pools);
  const workspace = await directory.connect({
    ...{ platform: "web", externalId: "team-acme", workspaceName: "acme", lokiOrgId: "acme" },
  });
  const ids = await fillEveryTable(admin, workspace);
  await admin.query(
    `\
insert into anomaly_events (tenant_id, service, namespace, metric, direction, severity, score, started_at, detected_at, last_odd_at,
  baseline_value, observed_value, usual_low, usual_high, deviation_factor, notified, is_shadow, fingerprint, conditions)
select $1, case n when 1 then $2 else 's' || n end, '', 'error_rate', 'up', 'HIGH', 9, now() - n * interval '1 minute', now() - n * interval '1 second', now(), 1, 9, 0, 2, 9,
  false, false, '', '{}' from generate_series(1, 60) n`,
    [workspace.scope.tenantId, LONG_SERVICE],
  );
  const { rows } = await admin.query<{ id: string }>("select id from anomaly_events limit 40");

  const makeKey = (name: string, scopes: readonly KeyScope[]) => issueTestKey(workspace.scope, name, scopes);
  const key = await makeKey("the-one-that-asks", SCOPE_NAMES);
  const names = Array.from({ length: KEYS }, (_, n) => `key-${n}`);
  for (const name of names) await makeKey(name, ["read:logs"]);
  const reader = await makeKey("reader", ["read:analysis"]);
  const revoked = await makeKey("revoked", SCOPE_NAMES);
  await endKeys(await actingOutside(workspace.scope, { kind: "operator" }), "revoked", Date.now());

  return {
    url: t.apiUrl,
    document: await readDocument(t.apiUrl),
    key,
    otherKeys: [reader, reader, revoked],
    things: {
      analyses: [ids.analysis_results],
      jobs: [ids.conversations],
      clusters: [ids.error_clusters],
      anomalies: rows.map(({ id }) => id),
      mutes: ["checkout", "gateway"],
      filters: ["mine", "slow", "slow-2"],
      keys: ["ci", ...names],
      service: ["checkout", "checkout", "gateway", LONG_SERVICE, "shop"],
      namespace: ["", "shop"],
    },
    now: Date.now,
    errors: () => errors,
    async close() {
      await pools.close();
      await admin.end();
      await t.close();
    },
  };
}
