import { Breaker } from "../lib/breaker.mjs";
import { call, serve, UpstreamError } from "../lib/http.mjs";
import { bracketed } from "../lib/log.mjs";
import { onStop } from "../lib/misc.mjs";

const { PORT, AUTH_URL, PROFILE_URL, VERSION } = process.env;
const log = bracketed();

const authBreaker = new Breaker((state) => {
  const say = state === "closed" ? log.info : log.warn;
  say(`circuit breaker for auth is now ${state}`);
});

const proxy = (name, url) => (req) => {
  const { authorization = "" } = req.headers;
  const headers = { "x-request-id": req.id, "x-forwarded-for": req.ip, authorization };
  const body =
    req.method === "GET" ? undefined : { ...req.body, token: authorization.replace("Bearer ", "") };
  const forward = () => call(name, url, { method: req.method, headers, body, timeoutMs: 2500 });
  return name === "auth" ? authBreaker.run(forward) : forward();
};

serve({
  port: PORT,
  routes: [
    ["GET", /^\/$/, () => ({ status: 200, body: { page: "home" } })],
    ["GET", /^\/pricing$/, () => ({ status: 200, body: { page: "pricing" } })],
    ["POST", /^\/login$/, proxy("auth", `${AUTH_URL}/login`)],
    ["POST", /^\/logout$/, proxy("auth", `${AUTH_URL}/logout`)],
    ["POST", /^\/refresh$/, proxy("auth", `${AUTH_URL}/refresh`)],
    ["POST", /^\/reset$/, proxy("auth", `${AUTH_URL}/reset`)],
    ["GET", /^\/account$/, proxy("profile", `${PROFILE_URL}/me`)],
    ["POST", /^\/account$/, proxy("profile", `${PROFILE_URL}/me`)],
  ],
  done(req, status, ms) {
    const say = status >= 500 ? log.error : status === 499 ? log.warn : log.info;
    say(
      `${req.ip} "${req.method} ${req.path}" ${status} ${ms}ms agent="${req.headers["x-agent"] ?? "curl/8.5.0"}" req=${req.id}`,
    );
  },
  failed(req, error) {
    const status = error instanceof UpstreamError ? error.status : 503;
    log.error(`${req.method} ${req.path}: ${error.message} req=${req.id}`);
    return { status: status === 504 ? 504 : status === 503 ? 503 : 502, body: { error: "try again later" } };
  },
});

log.info(`web ${VERSION} serving on ${PORT}`);
onStop(() => log.info("web stopping"));
