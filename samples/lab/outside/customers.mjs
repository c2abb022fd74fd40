// The load: made-up customers of the three systems. Keeps no log.
import { request } from "node:http";
import { between, chance, pick, sleep } from "../lib/misc.mjs";

const { GATEWAY_PORT, REPORT_API_PORT, WEB_PORT, MARKETPLACE_FROM, PERCENT_TITLES_FROM } = process.env;

const FIRST =
  "alma bruno chiara dmitri elif farah goran hanna ivo jana kofi lena mateo nadia oskar priya quentin rosa sami tove".split(
    " ",
  );
const LAST =
  "abbott berger costa dahl eriksen fischer garcia horvat ito jensen kowalski lopez meyer novak okafor".split(
    " ",
  );
const AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1) Safari/605.1",
  "AccountsApp/5.12 (Android 16)",
];
const people = Array.from({ length: 160 }, () => ({
  email: `${pick(FIRST)}.${pick(LAST)}@${pick(["example.com", "example.com", "example.org", "example.net"])}`,
  ip: `${pick(["203.0.113", "198.51.100", "192.0.2"])}.${Math.ceil(between(1, 250))}`,
  agent: pick(AGENTS),
}));
const id = () => Math.random().toString(16).slice(2, 12);
const number = (low, high) => Math.floor(between(low, high));

/** Sends one request; resolves to {status, body}, or undefined when it failed or the customer lost patience. */
function send(port, method, path, { body, person = pick(people), headers = {}, patienceMs = 15_000 } = {}) {
  return new Promise((resolve) => {
    const req = request(
      {
        host: "127.0.0.1",
        port,
        method,
        path,
        headers: {
          "content-type": "application/json",
          "x-forwarded-for": person.ip,
          "x-request-id": id(),
          "x-agent": person.agent,
          ...headers,
        },
      },
      async (res) => {
        const chunks = [];
        for await (const chunk of res) chunks.push(chunk);
        resolve({ status: res.statusCode, body: JSON.parse(Buffer.concat(chunks)) });
      },
    );
    req.setTimeout(patienceMs, () => req.destroy());
    req.on("error", () => resolve(undefined));
    req.end(body && JSON.stringify(body));
  });
}

/** Requests arrive at random; their rate goes up and down by a third in slow waves. */
async function arrive(perSecond, act) {
  const phase = Math.random() * 6;
  for (;;) {
    const t = Date.now() / 1000;
    const wave = 1 + 0.25 * Math.sin(t / 70 + phase) + 0.12 * Math.sin(t / 17) + 0.08 * Math.sin(t / 211);
    await sleep((-Math.log(1 - Math.random()) * 1000) / (perSecond * wave));
    act().catch(() => {});
  }
}

const impatient = () => (chance(0.012) ? number(20, 90) : 15_000);

let lastOrder = 0;
async function shopper() {
  const person = pick(people);
  const sku = `SKU-${number(1001, 1241)}`;
  const token = `Bearer eyJhbGciOiJIUzI1NiJ9.${Buffer.from(`{"sub":"${person.email}"}`).toString("base64url")}.fake${id()}`;
  const options = {
    person,
    headers: { authorization: token, "x-token-age": number(0, 3560) },
    patienceMs: impatient(),
  };
  const dice = Math.random();
  if (dice < 0.4) return send(GATEWAY_PORT, "GET", `/api/stock/${chance(0.02) ? "SKU-9999" : sku}`, options);
  if (dice < 0.5)
    return send(GATEWAY_PORT, "POST", "/api/reservations", { ...options, body: { sku, quantity: 1 } });
  if (dice < 0.66 && lastOrder > 0)
    return send(
      GATEWAY_PORT,
      "GET",
      `/api/orders/${number(Math.max(1, lastOrder - 60), lastOrder + 2)}`,
      options,
    );
  if (dice < 0.68)
    return send(
      GATEWAY_PORT,
      "GET",
      pick(["/favicon.ico", "/wp-login.php", "/api/wishlist", "/.env"]),
      options,
    );
  const marketplace = Date.now() > MARKETPLACE_FROM && chance(0.35);
  const order = {
    idempotencyKey: id(),
    email: chance(0.025) ? "not-an-address" : person.email,
    sku,
    quantity: chance(0.01) ? 0 : number(1, 4),
    totalCents: number(900, 24_000),
    channel: marketplace ? "marketplace" : pick(["web", "web", "app"]),
  };
  const answer = await send(GATEWAY_PORT, "POST", "/api/checkout", { ...options, body: order });
  if (answer?.status === 201) lastOrder = answer.body.orderId;
  if (chance(0.015)) await send(GATEWAY_PORT, "POST", "/api/checkout", { person, body: order });
}

const TITLES = [
  "Sales by region",
  "Stock turnover",
  "Payroll summary",
  "Audit findings",
  "Returns by week",
  "Store comparison",
];
let lastReport = 0;
async function analyst() {
  const options = { patienceMs: impatient() };
  const dice = Math.random();
  if (dice < 0.38 || lastReport === 0) {
    const campaign = Date.now() > PERCENT_TITLES_FROM && chance(0.25);
    const title = campaign
      ? "Discount 50% off"
      : `${pick(TITLES)} ${pick(["Q3", "Q4", "November", "week 47"])}`;
    const kind = chance(0.01) ? "horoscope" : pick(["sales", "stock", "payroll", "audit"]);
    const answer = await send(REPORT_API_PORT, "POST", "/reports", {
      ...options,
      body: { title: chance(0.02) ? "" : title, kind, email: pick(people).email },
    });
    if (answer?.status === 201) lastReport = answer.body.reportId;
    return answer;
  }
  const report = number(Math.max(1, lastReport - 40), lastReport + 1);
  if (dice < 0.72)
    return send(REPORT_API_PORT, "GET", `/reports/${chance(0.02) ? report + 5000 : report}`, options);
  if (dice < 0.94) {
    const signature = chance(0.04) ? "expired" : id();
    return send(
      REPORT_API_PORT,
      "GET",
      `/reports/${report}/download?signature=${signature}&token=dl_${id()}`,
      options,
    );
  }
  if (dice < 0.96) return send(REPORT_API_PORT, "GET", "/stats", options);
  return send(REPORT_API_PORT, "GET", pick(["/", "/robots.txt", "/reports/latest"]), options);
}

const signedIn = [];
async function logIn() {
  const person = pick(people);
  const password = chance(0.1) ? pick(["letmein", "hunter2"]) : "correct horse";
  const answer = await send(WEB_PORT, "POST", "/login", { person, body: { email: person.email, password } });
  if (answer?.status === 201) signedIn.push({ person, token: answer.body.token });
}

async function member() {
  const dice = Math.random();
  if (dice < 0.12)
    return send(WEB_PORT, "GET", pick(["/", "/", "/pricing", "/pricing", "/blog", "/wp-admin"]));
  if (dice < 0.15) return send(WEB_PORT, "POST", "/reset", { body: { email: pick(people).email } });
  if (dice < 0.24 || signedIn.length < 30) return logIn();
  const seat = number(0, signedIn.length);
  const { person, token } = signedIn[seat];
  const options = { person, headers: { authorization: `Bearer ${token}` }, patienceMs: impatient() };
  if (dice < 0.76) {
    const answer = await send(
      WEB_PORT,
      "GET",
      "/account",
      chance(0.01) ? { ...options, headers: { authorization: "Bearer stale.token" } } : options,
    );
    return answer;
  }
  if (dice < 0.87) {
    const phone = chance(0.08) ? "n/a" : `+49 30 555 ${number(1000, 9999)}`;
    return send(WEB_PORT, "POST", "/account", {
      ...options,
      body: { name: person.email.split("@")[0], phone },
    });
  }
  if (dice < 0.95) {
    const answer = await send(WEB_PORT, "POST", "/refresh", options);
    if (answer?.status === 201) signedIn[seat] = { person, token: answer.body.token };
    return answer;
  }
  const answer = await send(WEB_PORT, "POST", "/logout", options);
  if (answer?.status === 200)
    signedIn.splice(
      signedIn.findIndex((seated) => seated.token === token),
      1,
    );
}

arrive(3.2, shopper);
arrive(2.6, analyst);
arrive(3.4, member);
