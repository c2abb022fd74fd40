import pg from "pg";
import pino from "pino";
import { call, serve } from "../lib/http.mjs";
import { onStop } from "../lib/misc.mjs";

const { PORT, DATABASE_URL, PAYMENTS_URL, INVENTORY_URL, VERSION } = process.env;
const log = pino({ base: { service: "checkout", version: VERSION } });

const pool = new pg.Pool({
  connectionString: DATABASE_URL,
  application_name: "checkout",
  max: 10,
  connectionTimeoutMillis: 2000,
  idleTimeoutMillis: 10_000,
  maxLifetimeSeconds: 45,
});
pool.on("error", (err) => log.error({ err }, "idle database client failed"));

class Declined extends Error {}

async function connect(reqId) {
  const began = performance.now();
  try {
    return await pool.connect();
  } catch (err) {
    const waitedMs = Math.round(performance.now() - began);
    const stats = { total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount };
    log.error({ reqId, err, pool: stats, waitedMs }, "could not get a database connection");
    throw err;
  }
}

async function placeOrder({ id: reqId, body: order }) {
  if (!/^[^@\s]+@[^@\s]+$/.test(order.email ?? "") || !(order.quantity > 0)) {
    log.warn({ reqId, email: order.email, quantity: order.quantity }, "validation failed");
    return { status: 400, body: { error: "validation failed" } };
  }
  const began = performance.now();
  const headers = { "x-request-id": reqId };
  await call("inventory", `${INVENTORY_URL}/reservations`, {
    method: "POST",
    headers,
    body: { sku: order.sku, quantity: order.quantity },
  });

  const db = await connect(reqId);
  try {
    await db.query("begin");
    const inserted = await db.query(
      `insert into orders (idempotency_key, email, sku, quantity, total_cents, channel, status)
       values ($1, $2, $3, $4, $5, $6, 'new') returning id`,
      [order.idempotencyKey, order.email, order.sku, order.quantity, order.totalCents, order.channel],
    );
    const orderId = Number(inserted.rows[0].id);
    // Marketplaces pay us once a month: their orders carry no charge.
    const chargeId = order.channel === "marketplace" ? null : await charge(reqId, orderId, order);
    await db.query(`update orders set status = 'paid', charge_id = $2 where id = $1`, [orderId, chargeId]);
    await db.query("commit");
    const durationMs = Math.round(performance.now() - began);
    log.info(
      {
        reqId,
        orderId,
        email: order.email,
        sku: order.sku,
        totalCents: order.totalCents,
        channel: order.channel,
        durationMs,
      },
      "order placed",
    );
    return { status: 201, body: { orderId } };
  } catch (err) {
    await db.query("rollback");
    if (err instanceof Declined) {
      log.warn({ reqId, email: order.email, reason: err.message }, "payment declined");
      return { status: 402, body: { error: err.message } };
    }
    if (err.constraint === "orders_idempotency_key_unique") {
      log.warn({ reqId, idempotencyKey: order.idempotencyKey }, "duplicate submission ignored");
      return { status: 409, body: { error: "duplicate order" } };
    }
    throw err;
  } finally {
    db.release();
  }
}

async function charge(reqId, orderId, { email, totalCents }) {
  const answer = await call("payments", `${PAYMENTS_URL}/charges`, {
    method: "POST",
    headers: { "x-request-id": reqId },
    body: { orderId, email, amountCents: totalCents },
    timeoutMs: 4000,
  });
  if (answer.status === 402) throw new Declined(answer.body.error);
  return answer.body.chargeId;
}

async function showOrder({ id: reqId, params: [orderId] }) {
  const db = await connect(reqId);
  try {
    const { rows } = await db.query("select id, status, total_cents, created_at from orders where id = $1", [
      orderId,
    ]);
    if (rows.length === 0) return { status: 404, body: { error: "no such order" } };
    log.info({ reqId, orderId: Number(orderId), status: rows[0].status }, "order read");
    return { status: 200, body: rows[0] };
  } finally {
    db.release();
  }
}

serve({
  port: PORT,
  routes: [
    ["POST", /^\/checkout$/, placeOrder],
    ["GET", /^\/orders\/(\d+)$/, showOrder],
  ],
  done() {},
  failed(req, err) {
    log.error({ reqId: req.id, path: req.path, err }, "request failed");
    return { status: 503, body: { error: "checkout unavailable" } };
  },
});

log.info({ port: Number(PORT), database: DATABASE_URL }, "checkout ready");
onStop(() => log.info("shutting down on SIGTERM"));
