import { call, serve, UpstreamError } from "../lib/http.mjs";
import { logfmt } from "../lib/log.mjs";
import { onStop } from "../lib/misc.mjs";

const { PORT, CHECKOUT_URL, INVENTORY_URL, VERSION } = process.env;
const log = logfmt();

const forward = (name, base) => async (req) => {
  const path = req.path.replace("/api", "");
  const options = {
    method: req.method,
    headers: { "x-request-id": req.id, "x-forwarded-for": req.ip },
    timeoutMs: 4000,
  };
  if (req.method !== "GET") return call(name, base + path, { ...options, body: req.body });
  try {
    return await call(name, base + path, options);
  } catch (error) {
    log.warn("retrying", { req_id: req.id, upstream: name, path, err: error.message });
    return call(name, base + path, options);
  }
};

serve({
  port: PORT,
  routes: [
    ["GET", /^\/healthz$/, () => ({ status: 200, body: { ok: true } })],
    ["GET", /^\/api\/stock\/([\w-]+)$/, forward("inventory", INVENTORY_URL)],
    ["POST", /^\/api\/reservations$/, forward("inventory", INVENTORY_URL)],
    ["POST", /^\/api\/checkout$/, forward("checkout", CHECKOUT_URL)],
    ["GET", /^\/api\/orders\/(\d+)$/, forward("checkout", CHECKOUT_URL)],
  ],
  done(req, status, ms) {
    const fields = { method: req.method, path: req.path, status, dur_ms: ms, ip: req.ip, req_id: req.id };
    if (status === 499) log.warn("client closed request", fields);
    else if (status >= 500) log.error("request failed", fields);
    else log.info("request", fields);
    if (req.headers["x-token-age"] > 3500) {
      log.warn("token about to expire", { req_id: req.id, authorization: req.headers.authorization });
    }
  },
  failed(req, error) {
    const status = error instanceof UpstreamError ? error.status : 500;
    log.error("upstream error", { req_id: req.id, method: req.method, path: req.path, err: error.message });
    return { status, body: { error: "service unavailable" } };
  },
});

log.info("gateway listening", { version: VERSION, port: PORT });
onStop(() => log.info("gateway stopping", { version: VERSION, reason: "SIGTERM" }));
