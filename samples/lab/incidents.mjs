// What is run, what goes wrong, and what the true cause is. Ports from 18100 on.
const url = (port) => `http://127.0.0.1:${port}`;

export const incidents = {
  "pool-exhausted": {
    namespace: "shop",
    title: 'Shoppers see "service unavailable" when they try to pay.',
    analyze: "checkout",
    cause: {
      service: "orders-db",
      lineRegex: "too many clients already|remaining connection slots are reserved",
      explanation:
        "Every connection slot of orders-db is taken. The reconciler opens a client per page of orders and returns without end() when a page has an order without a charge (marketplace orders): each such page leaks a connection until max_connections is reached, and checkout and inventory get none.",
      origin: { service: "reconciler", lineRegex: "page \\d+ put back" },
    },
  },
  "disk-full": {
    namespace: "reports",
    title: "Reports that people ask for come back as server errors.",
    analyze: "report-api",
    cause: {
      service: "renderer",
      lineRegex: "[Nn]o space left on device",
      explanation:
        "The volume that holds rendered reports and the tables of reports-db is full. The archiver decodes file names as URLs; a report title with a bare percent sign makes decodeURIComponent throw, every sweep aborts before anything is deleted, and the volume fills up. The renderer meets it first, the database only when a table has to grow.",
      origin: { service: "archiver", lineRegex: "sweep aborted.*URI malformed" },
    },
  },
  "bad-deploy": {
    namespace: "accounts",
    title: "Signed-in customers cannot open their account page.",
    analyze: "profile",
    cause: {
      service: "auth",
      lineRegex: "Cannot read properties of undefined \\(reading 'issuer'\\)",
      explanation:
        "auth 3.8.0 looks up an issuer by the realm in the token. Tokens issued before the deploy have no realm, and one customer domain is not in the table: the lookup gives undefined and reading its issuer throws, so most token checks and refreshes fail.",
    },
  },
};

/** `at` is in ms since the recording began; `quiet` is the length of the healthy part. */
export function planDeploys(quiet) {
  return [
    { service: "gateway", version: "2.14.1", at: quiet * 0.36 },
    { service: "report-api", version: "1.9.3", at: quiet * 0.52 },
    { service: "profile", version: "5.2.1", at: quiet * 0.63 },
    { service: "checkout", version: "4.6.1", at: quiet * 0.78 },
    { service: "auth", version: "3.8.0", at: quiet + 20_000 },
  ];
}

export function planServices({ quiet, began, volume, pageSize }) {
  const orders = (user) => `postgres://${user}@127.0.0.1:18110/orders`;
  const reports = (user) => `postgres://${user}@127.0.0.1:18210/reports`;
  const sessions = "redis://:c4che-pw@127.0.0.1:18310/0";
  const node = (namespace, service, program, version, env) => ({
    namespace,
    service,
    program,
    env: { ...env, VERSION: version },
  });
  return [
    node("shop", "inventory", "shop/inventory.mjs", "3.1.0", {
      PORT: 18103,
      DATABASE_URL: orders("stock:st0ck-pw"),
    }),
    node("shop", "payments", "shop/payments.mjs", "8.0.2", { PORT: 18102, ACQUIRER_URL: url(18190) }),
    node("shop", "checkout", "shop/checkout.mjs", "4.6.0", {
      PORT: 18101,
      DATABASE_URL: orders("shop:s3cr3t-pw"),
      PAYMENTS_URL: url(18102),
      INVENTORY_URL: url(18103),
    }),
    node("shop", "reconciler", "shop/reconciler.mjs", "1.3.0", {
      DATABASE_URL: orders("reconciler:r3conc1le"),
      RUN_EVERY_MS: quiet / 4,
      PAGE_SIZE: pageSize,
    }),
    node("shop", "gateway", "shop/gateway.mjs", "2.14.0", {
      PORT: 18100,
      CHECKOUT_URL: url(18101),
      INVENTORY_URL: url(18103),
    }),

    node("reports", "renderer", "reports/renderer.mjs", "2.2.7", { PORT: 18201, OUT_DIR: `${volume}/out` }),
    node("reports", "report-api", "reports/report-api.mjs", "1.9.2", {
      PORT: 18200,
      DATABASE_URL: reports("reports:rep0rts-pw"),
      RENDERER_URL: url(18201),
    }),
    node("reports", "archiver", "reports/archiver.mjs", "0.9.4", {
      OUT_DIR: `${volume}/out`,
      DATABASE_URL: reports("archiver:4rchive-pw"),
      STORE_URL: url(18290),
    }),
    node("reports", "scheduler", "reports/scheduler.mjs", "1.0.1", {
      API_URL: url(18200),
      OUT_DIR: `${volume}/out`,
      STORE_URL: url(18290),
    }),

    node("accounts", "auth", "accounts/auth/server.mjs", "3.7.4", {
      PORT: 18301,
      SESSIONS_URL: sessions,
      SIGNING_KEY: "fictitious-signing-key",
    }),
    node("accounts", "profile", "accounts/profile.mjs", "5.2.0", {
      PORT: 18302,
      AUTH_URL: url(18301),
      AVATARS_URL: url(18391),
      SESSIONS_URL: sessions,
    }),
    node("accounts", "mailer", "accounts/mailer.mjs", "2.0.0", {
      SMTP_URL: "smtp://mailer:hunter2-fake@127.0.0.1:18390",
      SESSIONS_URL: sessions,
    }),
    node("accounts", "web", "accounts/web.mjs", "9.1.0", {
      PORT: 18300,
      AUTH_URL: url(18301),
      PROFILE_URL: url(18302),
    }),

    node("outside", "acquirer", "outside/acquirer.mjs", "-", { PORT: 18190 }),
    node("outside", "object-store", "outside/object-store.mjs", "-", { PORT: 18290 }),
    node("outside", "mail-relay", "outside/mail-relay.mjs", "-", { PORT: 18390, AVATARS_PORT: 18391 }),
    node("outside", "db-visitors", "outside/db-visitors.mjs", "-", {
      EXPORTER_URL: orders("metrics:stale-pw"),
      ANALYST_URL: orders("analyst:an4lyst"),
    }),
    node("outside", "customers", "outside/customers.mjs", "-", {
      GATEWAY_PORT: 18100,
      REPORT_API_PORT: 18200,
      WEB_PORT: 18300,
      MARKETPLACE_FROM: began + quiet * 0.86,
      PERCENT_TITLES_FROM: began + quiet - 90_000,
    }),
  ];
}
