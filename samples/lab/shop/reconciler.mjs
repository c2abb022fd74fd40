// Compares every paid order with its charge, page by page, every few minutes.
import pg from "pg";
import { bracketed } from "../lib/log.mjs";
import { onStop, sleep } from "../lib/misc.mjs";

const { DATABASE_URL, RUN_EVERY_MS, PAGE_SIZE } = process.env;
const log = bracketed();
let state = "waiting for the first run";

async function reconcilePage(run, page, after) {
  const client = new pg.Client({ connectionString: DATABASE_URL, application_name: "reconciler" });
  client.on("error", (error) => log.error(`run ${run}: database client: ${error.message}`));
  await client.connect();
  const { rows } = await client.query(
    `select id, charge_id, total_cents from orders
      where status = 'paid' and reconciled_at is null and id > $1 order by id limit $2`,
    [after, PAGE_SIZE],
  );
  const last = rows.at(-1)?.id;
  const unsettled = rows.filter((row) => row.charge_id === null);
  if (unsettled.length > 0) {
    log.warn(
      `run ${run}: page ${page} put back, ${unsettled.length} of ${rows.length} orders have no charge yet (first: order ${unsettled[0].id})`,
    );
    return last;
  }
  await client.query("update orders set reconciled_at = now() where id = any($1)", [
    rows.map((row) => row.id),
  ]);
  await client.end();
  if (rows.length > 0) {
    const cents = rows.reduce((sum, row) => sum + row.total_cents, 0);
    log.info(`run ${run}: page ${page} reconciled, ${rows.length} orders, ${(cents / 100).toFixed(2)} EUR`);
  }
  return last;
}

async function reconcileAll(run) {
  log.info(`run ${run} started`);
  let after = 0;
  let page = 1;
  state = `run ${run} under way`;
  while (after !== undefined) {
    try {
      after = await reconcilePage(run, page, after);
      page++;
      await sleep(900);
    } catch (error) {
      log.error(`run ${run}: page ${page} failed, trying again: ${error.message}`);
      await sleep(500);
    }
  }
  log.info(`run ${run} finished, ${page - 2} pages`);
  state = "waiting for the next run";
}

log.info(`reconciler up, page size ${PAGE_SIZE}, a run every ${Math.round(RUN_EVERY_MS / 1000)}s`);
onStop(() => log.info("reconciler stopping"));
setInterval(() => log.info(`alive, ${state}`), 30_000);

let run = 0;
let running = false;
setInterval(async () => {
  if (running) {
    log.warn(`run ${run} is still under way, skipping a turn`);
    return;
  }
  running = true;
  await reconcileAll(++run);
  running = false;
}, Number(RUN_EVERY_MS));
