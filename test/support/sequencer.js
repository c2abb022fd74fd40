import Sequencer from "@jest/test-sequencer";

/** Slowest first: what they take, of 30 to 130 s, is lost where one of them is begun when all others are done. */
const SLOW = [
  "e2e/killAlerts",
  "data/retention",
  "app/incidents",
  "e2e/badInput",
  "e2e/secrets",
  "adapters/slack/contract",
  "adapters/files/slow",
  "data/plans",
  "jobs/queue",
  "anomalies/scan",
  "e2e/kill",
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
