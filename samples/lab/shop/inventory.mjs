import pg from "pg";
import { serve } from "../lib/http.mjs";
import { klog } from "../lib/log.mjs";
import { every, onStop } from "../lib/misc.mjs";

const { PORT, DATABASE_URL, VERSION } = process.env;
const log = klog();

const pool = new pg.Pool({
  connectionString: DATABASE_URL,
  application_name: "inventory",
  max: 5,
  connectionTimeoutMillis: 2000,
  idleTimeoutMillis: 10_000,
  maxLifetimeSeconds: 45,
});
pool.on("error", (error) => log.error(`idle client: ${error.message}`));

async function read({ id, params: [sku] }) {
  const { rows } = await pool.query("select sku, available, reserved from stock where sku = $1", [sku]);
  if (rows.length === 0) {
    log.warn(`unknown sku="${sku}" req="${id}"`);
    return { status: 404, body: { error: "unknown sku" } };
  }
  log.info(`stock read sku="${sku}" available=${rows[0].available} reserved=${rows[0].reserved} req="${id}"`);
  return { status: 200, body: rows[0] };
}

async function reserve({ id, body }) {
  const { rows } = await pool.query(
    "update stock set available = available - $2, reserved = reserved + $2 where sku = $1 returning available",
    [body.sku, body.quantity],
  );
  if (rows.length === 0) return { status: 404, body: { error: "unknown sku" } };
  log.info(`reserved sku="${body.sku}" quantity=${body.quantity} left=${rows[0].available} req="${id}"`);
  return { status: 201, body: { left: rows[0].available } };
}

/** Known to be slow: it has no index to work with. */
async function reportMovers() {
  const began = performance.now();
  try {
    const { rows } = await pool.query(
      `select s.sku, count(*) as lines, sum(length(md5(o.email || g))) as weight
         from stock s join orders o on o.sku = s.sku cross join generate_series(1, 900) g
        where o.id > (select max(id) - 400 from orders)
        group by s.sku order by lines desc limit 3`,
    );
    const ms = Math.round(performance.now() - began);
    const say = ms > 250 ? log.warn : log.info;
    say(`movers computed top="${rows.map((row) => row.sku).join(",")}" took=${ms}ms`);
  } catch (error) {
    log.error(`movers failed: ${error.message}`);
  }
}

serve({
  port: PORT,
  routes: [
    ["GET", /^\/stock\/([\w-]+)$/, read],
    ["POST", /^\/reservations$/, reserve],
  ],
  done() {},
  failed(req, error) {
    log.error(`${req.method} ${req.path} failed req="${req.id}": ${error.message}`);
    return { status: 503, body: { error: "inventory unavailable" } };
  },
});

log.info(`inventory ${VERSION} listening on :${PORT}`);
onStop(() => log.info("stopping"));
await every(75_000, reportMovers);
