import Redis from "ioredis";
import pino from "pino";
import { Breaker } from "../lib/breaker.mjs";
import { call, serve, UpstreamError } from "../lib/http.mjs";
import { onStop, sleep } from "../lib/misc.mjs";

const { PORT, AUTH_URL, AVATARS_URL, SESSIONS_URL, VERSION } = process.env;
const log = pino({ base: { app: "profile", version: VERSION } });
const cache = new Redis(SESSIONS_URL);
cache.on("error", (err) => log.error({ err }, "cache failed"));

const authBreaker = new Breaker((state, failures) => {
  if (state === "closed") log.info({ breaker: "auth", state }, "circuit breaker closed");
  else log.warn({ breaker: "auth", state, failuresOfLast10: failures }, `circuit breaker ${state}`);
});

async function whoIs(req, token) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await authBreaker.run(() =>
        call("auth", `${AUTH_URL}/introspect`, {
          method: "POST",
          headers: { "x-request-id": req.id },
          body: { token },
          timeoutMs: 1500,
        }),
      );
    } catch (err) {
      if (!(err instanceof UpstreamError) || attempt === 2) throw err;
      log.warn({ reqId: req.id, attempt, err: err.message }, "auth call failed, retrying");
      await sleep(100);
    }
  }
}

async function avatar(req, email) {
  try {
    const { body } = await call("avatars", `${AVATARS_URL}/avatar`, { timeoutMs: 400 });
    return body.url;
  } catch (err) {
    log.warn({ reqId: req.id, email, err: err.message }, "avatar service failed, using the default picture");
    return "/default.png";
  }
}

const authed = (handler) => async (req) => {
  const token = req.headers.authorization?.replace("Bearer ", "") ?? "";
  const answer = await whoIs(req, token);
  return answer.status === 200 ? handler(req, answer.body.email) : answer;
};

async function show(req, email) {
  const began = performance.now();
  const profile = await cache.hgetall(`profile:${email}`);
  const picture = profile.picture ?? (await avatar(req, email));
  log.info(
    {
      reqId: req.id,
      email,
      cached: Boolean(profile.name),
      durationMs: Math.round(performance.now() - began),
    },
    "profile read",
  );
  return { status: 200, body: { ...profile, picture } };
}

async function update(req, email) {
  if (!/^\+?[\d ]{7,}$/.test(req.body.phone ?? "")) {
    log.warn({ reqId: req.id, email, phone: req.body.phone }, "validation failed: phone");
    return { status: 400, body: { error: "phone is not valid" } };
  }
  await cache.hset(`profile:${email}`, { name: req.body.name, phone: req.body.phone });
  await cache.lpush("mail", JSON.stringify({ to: email, template: "profile-changed" }));
  log.info({ reqId: req.id, email, phone: req.body.phone }, "profile updated");
  return { status: 200 };
}

serve({
  port: PORT,
  routes: [
    ["GET", /^\/me$/, authed(show)],
    ["POST", /^\/me$/, authed(update)],
  ],
  done() {},
  failed(req, err) {
    log.error({ reqId: req.id, path: req.path, err }, "request failed");
    return { status: err instanceof UpstreamError ? 502 : 503, body: { error: err.message } };
  },
});

log.info({ port: Number(PORT), cache: SESSIONS_URL }, "profile started");
onStop(() => log.info("profile stopping"));
