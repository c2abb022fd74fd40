import Sequencer from "@jest/test-sequencer";

/**
 * Slowest first: what they take, of 15 to 130 s, is lost where one of them is begun when all others are done. Those that
 * mostly wait stand between those that compute.
 */
const SLOW = [
  "e2e/killAlerts",
  "e2e/badInput",
  "data/plans",
  "e2e/kill",
  "e2e/secrets",
  "e2e/rootCauseKills",
  "data/retention",
  "e2e/rootCause",
  "app/incidents",
  "cli/restoreDrill",
  "cli/operatorDatabase",
  "main/start",
  "e2e/lokiAway",
  "e2e/rolling",
  "doctor/database",
  "e2e/watch",
  "cli/backup",
  "anomalies/scan",
  "cli/cli",
  "adapters/slack/contract",
  "jobs/queue",
  "data/migrations",
  "e2e/chats",
  "adapters/files/slow",
  "adapters/postgres/crash",
  "cli/restore",
  "data/tenancy",
  "adapters/postgres/start",
  "adapters/loki/injectionTyped",
  "adapters/postgres/accounts",
  "e2e/keyRevocation",
  "e2e/loki",
].map((name) => `/test/${name}.test.ts`);

/** Jest's own order, which knows what each file took the last time; on a new machine it has only their sizes. */
export default class SlowFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.every((test) => this.time(test) !== undefined)) return sorted;
    return sorted.sort((a, b) => place(a) - place(b));
  }
}

function place({ path }) {
  const at = SLOW.findIndex((end) => path.replaceAll("\\", "/").endsWith(end));
  return at < 0 ? SLOW.length : at;
}
