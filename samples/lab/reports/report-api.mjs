import { randomBytes } from "node:crypto";
import pg from "pg";
import pino from "pino";
import { call, serve } from "../lib/http.mjs";
import { onStop } from "../lib/misc.mjs";

const { PORT, DATABASE_URL, RENDERER_URL, VERSION } = process.env;
const log = pino({
  base: { logger: "report-api", version: VERSION },
  messageKey: "message",
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (severity) => ({ severity: severity.toUpperCase() }) },
});

const pool = new pg.Pool({
  connectionString: DATABASE_URL,
  application_name: "report-api",
  max: 8,
  maxLifetimeSeconds: 120,
});
pool.on("error", (err) => log.error({ err }, "idle database client failed"));

async function create({ id: requestId, body: { title, kind, email } }) {
  if (!title || !email) {
    log.warn(
      { requestId, fields: ["title", "email"].filter((name) => !{ title, email }[name]) },
      "validation failed",
    );
    return { status: 400, body: { error: "title and email are needed" } };
  }
  const db = await pool.connect();
  try {
    await db.query("begin");
    const answer = await renderInto(db, { requestId, title, kind, email });
    await db.query("commit");
    return answer;
  } catch (err) {
    await db.query("rollback");
    throw err;
  } finally {
    db.release();
  }
}

async function renderInto(db, { requestId, title, kind, email }) {
  const input = randomBytes(1500 + Math.random() * 3000).toString("base64");
  const inserted = await db.query(
    "insert into reports (title, kind, email, input) values ($1, $2, $3, $4) returning id",
    [title, kind, email, input],
  );
  const reportId = Number(inserted.rows[0].id);
  const rendered = await call("renderer", `${RENDERER_URL}/render`, {
    method: "POST",
    headers: { "x-request-id": requestId },
    body: { reportId, title, kind },
    timeoutMs: 5000,
  });
  if (rendered.status === 422) {
    await db.query(`update reports set status = 'rejected' where id = $1`, [reportId]);
    log.warn({ requestId, reportId, title, reason: rendered.body.error }, "report rejected by the renderer");
    return rendered;
  }
  await db.query(`update reports set status = 'ready', bytes = $2, preview = $3 where id = $1`, [
    reportId,
    rendered.body.bytes,
    randomBytes(2500),
  ]);
  log.info({ requestId, reportId, title, kind, email, bytes: rendered.body.bytes }, "report created");
  return { status: 201, body: { reportId } };
}

async function show({ params: [reportId] }) {
  const { rows } = await pool.query("select id, title, status, bytes from reports where id = $1", [reportId]);
  return rows.length === 0
    ? { status: 404, body: { error: "no such report" } }
    : { status: 200, body: rows[0] };
}

async function download({ id: requestId, params: [reportId], query }) {
  if (query.get("signature") === "expired") {
    log.warn({ requestId, reportId: Number(reportId), token: query.get("token") }, "download link expired");
    return { status: 403, body: { error: "link expired" } };
  }
  return call("renderer", `${RENDERER_URL}/files/${reportId}`, { headers: { "x-request-id": requestId } });
}

async function stats() {
  const { rows } = await pool.query(
    `select kind, count(*), sum(length(md5(title || g))) as weight
       from (select * from reports order by id desc limit 300) r cross join generate_series(1, 600) g group by kind`,
  );
  return { status: 200, body: rows };
}

serve({
  port: PORT,
  routes: [
    ["POST", /^\/reports$/, create],
    ["GET", /^\/reports\/(\d+)$/, show],
    ["GET", /^\/reports\/(\d+)\/download$/, download],
    ["GET", /^\/stats$/, stats],
  ],
  done(req, status, durationMs) {
    const level = status >= 500 ? "error" : status === 499 ? "warn" : "info";
    const what = status === 499 ? "client went away" : "request completed";
    log[level](
      { requestId: req.id, method: req.method, path: req.path, status, durationMs, remoteIp: req.ip },
      what,
    );
  },
  failed(req, err) {
    if (err.constraint === "reports_kind_known") {
      log.warn({ requestId: req.id, constraint: err.constraint }, "unknown kind of report");
      return { status: 400, body: { error: "unknown kind" } };
    }
    log.error({ requestId: req.id, err }, "unhandled error");
    return { status: 500, body: { error: "internal error" } };
  },
});

log.info({ port: Number(PORT), databaseUrl: DATABASE_URL }, "report-api started");
onStop(() => log.info("received SIGTERM, closing"));
