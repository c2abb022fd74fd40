import { randomBytes } from "node:crypto";
import Redis from "ioredis";
import { serve } from "../../lib/http.mjs";
import { plain } from "../../lib/log.mjs";
import { onStop } from "../../lib/misc.mjs";

const { PORT, SESSIONS_URL, VERSION } = process.env;
const { issue, verify } = await import(`./tokens-${VERSION}.mjs`);
const log = plain("auth");
const sessions = new Redis(SESSIONS_URL);
sessions.on("error", (error) => log.error("session store", error));

async function logIn({ id, ip, body: { email, password } }) {
  const failures = Number((await sessions.get(`failures:${ip}`)) ?? 0);
  if (failures > 20) {
    log.warn(`login throttled user=${email} ip=${ip} failures=${failures} req=${id}`);
    return { status: 429, body: { error: "too many attempts" } };
  }
  if (password !== "correct horse") {
    await sessions.multi().incr(`failures:${ip}`).expire(`failures:${ip}`, 120).exec();
    log.warn(`login refused user=${email} ip=${ip} reason=bad_password req=${id}`);
    return { status: 401, body: { error: "wrong password" } };
  }
  const sessionId = randomBytes(8).toString("hex");
  const token = issue({ email, sessionId });
  await sessions.set(`session:${sessionId}`, email, "EX", 3600);
  log.info(`login ok user=${email} ip=${ip} session=${sessionId} req=${id}`);
  return { status: 201, body: { token } };
}

async function introspect({ id, body: { token } }) {
  const claims = verify(token);
  const email = claims && (await sessions.get(`session:${claims.sid}`));
  if (!email) {
    log.warn(`token rejected token=${token.slice(0, 60)} req=${id}`);
    return { status: 401, body: { error: "invalid token" } };
  }
  log.info(`token ok user=${email} session=${claims.sid} req=${id}`);
  return { status: 200, body: { email } };
}

function refresh({ id, body: { token } }) {
  return new Promise((answer) => {
    rotate(token).then((fresh) => {
      log.info(`token refreshed req=${id}`);
      answer({ status: 201, body: { token: fresh } });
    });
  });
}

async function rotate(token) {
  const { sub, sid } = verify(token);
  await sessions.expire(`session:${sid}`, 3600);
  return issue({ email: sub, sessionId: sid });
}

async function logOut({ id, body: { token } }) {
  const { sid, sub } = verify(token);
  await sessions.del(`session:${sid}`);
  log.info(`logout user=${sub} session=${sid} req=${id}`);
  return { status: 200 };
}

async function resetPassword({ id, body: { email } }) {
  const link = `https://www.example.com/reset?token=${randomBytes(12).toString("hex")}`;
  await sessions.lpush("mail", JSON.stringify({ to: email, template: "password-reset", link }));
  log.info(`password reset asked for user=${email} req=${id}`);
  return { status: 202 };
}

serve({
  port: PORT,
  routes: [
    ["POST", /^\/login$/, logIn],
    ["POST", /^\/introspect$/, introspect],
    ["POST", /^\/refresh$/, refresh],
    ["POST", /^\/logout$/, logOut],
    ["POST", /^\/reset$/, resetPassword],
  ],
  done(req, status, ms) {
    if (status === 499) log.warn(`caller gave up on ${req.path} after ${ms}ms req=${req.id}`);
  },
  failed(req, error) {
    log.error(`${req.method} ${req.path} failed req=${req.id}`, error);
    return { status: 500, body: { error: "internal error" } };
  },
});

process.on("unhandledRejection", (error) => log.error("unhandled rejection", error));
log.info(`auth ${VERSION} listening on ${PORT}, sessions at ${SESSIONS_URL}`);
onStop(() => log.info(`auth ${VERSION} stopping`));
