// Orders the regular reports and keeps an eye on the volume they are written to.
import { statfs } from "node:fs/promises";
import { call } from "../lib/http.mjs";
import { syslog5424 } from "../lib/log.mjs";
import { between, chance, every, onStop, pick } from "../lib/misc.mjs";

const { API_URL, OUT_DIR, STORE_URL } = process.env;
const log = syslog5424("reports-1", "scheduler");
const JOBS = [
  { name: "daily-sales", kind: "sales", title: "Daily sales" },
  { name: "stock-levels", kind: "stock", title: "Stock levels" },
  { name: "audit-trail", kind: "audit", title: "Audit trail" },
  { name: "payroll-preview", kind: "payroll", title: "Payroll preview" },
];

async function runJob() {
  const job = pick(JOBS);
  const due = Date.now();
  log.info(`job=${job.name} starting owner=${job.kind}-team@example.com`, "JOB");
  try {
    const answer = await call("report-api", `${API_URL}/reports`, {
      method: "POST",
      body: { ...job, email: `${job.kind}-team@example.com` },
      timeoutMs: 6000,
    });
    if (answer.status === 201)
      log.info(`job=${job.name} done report=${answer.body.reportId} took=${Date.now() - due}ms`, "JOB");
    else log.warn(`job=${job.name} refused status=${answer.status} reason="${answer.body.error}"`, "JOB");
  } catch (error) {
    log.error(`job=${job.name} failed: ${error.message}; next attempt at its next turn`, "JOB");
  }
  if (chance(0.06)) await announce(job);
}

/** The team's chat webhook was deleted long ago. */
async function announce(job) {
  const { status } = await call("webhook", `${STORE_URL}/hooks/old-chat`, {
    method: "POST",
    body: { text: job.name },
  });
  log.warn(`job=${job.name} webhook answered ${status}, not announced`, "HOOK");
}

async function checkVolume() {
  const { blocks, bavail } = await statfs(OUT_DIR);
  const used = Math.round((1 - bavail / blocks) * 100);
  const say = used >= 85 ? log.warn : log.info;
  say(`volume reports used=${used}%`, "VOL");
}

log.info("scheduler started with 4 jobs", "MAIN");
onStop(() => log.info("scheduler stopping", "MAIN"));
every(() => between(3_000, 9_000), runJob);
every(30_000, checkVolume);
