// Runs the three systems into their faults, in real time, and keeps the logs they wrote.
//   node record.mjs [--quiet 26] [--incident 7.5] [--home /srv/apps] [--out ..] [--page-size 8]
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { incidents, planDeploys, planServices } from "./incidents.mjs";
import { sleep } from "./lib/misc.mjs";
import { ownedByPostgres, schemaFile, startPostgres, startRedis } from "./stores.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const { values: args } = parseArgs({
  options: {
    quiet: { type: "string", default: "26" },
    incident: { type: "string", default: "7.5" },
    home: { type: "string", default: "/srv/apps" },
    out: { type: "string", default: join(here, "..") },
    "page-size": { type: "string", default: "8" },
  },
});
const quiet = Number(args.quiet) * 60_000;
const total = quiet + Number(args.incident) * 60_000;
const { home } = args;
const logs = join(home, "logs");
const volume = join(home, "volumes", "reports");
const bareEnv = {
  PATH: process.env.PATH,
  LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH ?? "",
  TZ: "UTC",
  LANG: "C.UTF-8",
};

const children = new Map();
const logFile = (service) => join(logs, `${service}.log`);

function prepare() {
  mkdirSync(home); // fails if it is there: nothing of yours is overwritten
  for (const part of ["lib", "shop", "reports", "accounts", "outside", "node_modules", "package.json"]) {
    cpSync(join(here, part), join(home, part), { recursive: true });
  }
  mkdirSync(logs);
  mkdirSync(volume, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=44m", "tmpfs", volume]);
  mkdirSync(join(volume, "out"));
  ownedByPostgres(join(volume, "db"));
}

async function startStores() {
  const common = { home, env: bareEnv };
  children.set(
    "orders-db",
    await startPostgres({
      ...common,
      name: "orders-db",
      port: 18110,
      database: "orders",
      logFile: logFile("orders-db"),
      schema: [schemaFile("shop/schema.sql")],
      settings: {
        max_connections: 25,
        superuser_reserved_connections: 2,
        log_connections: "on",
        log_disconnections: "on",
      },
    }),
  );
  children.set(
    "reports-db",
    await startPostgres({
      ...common,
      name: "reports-db",
      port: 18210,
      database: "reports",
      logFile: logFile("reports-db"),
      schema: [`create tablespace bulk location '${join(volume, "db")}'`, schemaFile("reports/schema.sql")],
      settings: {
        max_connections: 40,
        autovacuum_naptime: "15s",
        autovacuum_vacuum_scale_factor: "0.05",
        log_autovacuum_min_duration: "0",
        checkpoint_timeout: "2min",
      },
    }),
  );
  children.set(
    "sessions",
    startRedis({ ...common, port: 18310, password: "c4che-pw", logFile: logFile("sessions") }),
  );
}

function start({ namespace, service, program, env }) {
  const stdio = namespace === "outside" ? "ignore" : ["ignore", openSync(logFile(service), "a"), "inherit"];
  children.set(
    service,
    spawn(process.execPath, [program], { cwd: home, env: { ...bareEnv, ...env }, stdio }),
  );
}

function stop(service, signal = "SIGTERM") {
  const child = children.get(service);
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  return ended;
}

async function deploy(service, version) {
  await stop(service);
  const spec = services.find((one) => one.service === service);
  start({ ...spec, env: { ...spec.env, VERSION: version } });
}

/** The time of the first line that matches; a line of a stack trace has the time of the line it hangs on. */
function firstMatch({ service, lineRegex }) {
  const pattern = new RegExp(lineRegex);
  let stamp;
  for (const line of readFileSync(logFile(service), "utf8").split("\n")) {
    const [, day, time] = /^(?:time=)?(\d{4}-\d\d-\d\d)[ T]([\d:]{8}(?:[.,]\d{3})?)/.exec(line) ?? [];
    if (day) stamp = new Date(`${day}T${time.replace(",", ".")}Z`);
    if (pattern.test(line)) return stamp;
  }
  throw new Error(`the fault never showed in ${service}`);
}

function keep(began, ended, deploys) {
  const causes = {};
  const stores = { shop: ["orders-db"], reports: ["reports-db"], accounts: ["sessions"] };
  for (const [name, { namespace, title, analyze, cause }] of Object.entries(incidents)) {
    const dir = join(args.out, name);
    mkdirSync(dir, { recursive: true });
    const members = [
      ...services.filter((one) => one.namespace === namespace).map((one) => one.service),
      ...stores[namespace],
    ];
    for (const service of members)
      writeFileSync(join(dir, `${service}.log.gz`), gzipSync(readFileSync(logFile(service)), { level: 9 }));
    const onset = firstMatch(cause);
    const now = new Date(Math.min(onset.getTime() + 300_000, ended - 30_000));
    const incident = {
      title,
      namespace,
      recordedFrom: new Date(began),
      recordedTo: new Date(ended),
      now,
      analyze,
      deploys: deploys.filter((one) => members.includes(one.service)),
    };
    writeFileSync(join(dir, "incident.json"), `${JSON.stringify(incident, null, 2)}\n`);
    const { origin, ...rest } = cause;
    causes[name] = { ...rest, onset, ...(origin && { origin: { ...origin, onset: firstMatch(origin) } }) };
  }
  writeFileSync(join(args.out, "causes.json"), `${JSON.stringify(causes, null, 2)}\n`);
}

async function cleanUp() {
  await Promise.all(
    [...children.keys()].map((service) => stop(service, service.endsWith("-db") ? "SIGINT" : "SIGKILL")),
  );
  execFileSync("umount", [volume]);
  rmSync(home, { recursive: true });
}

prepare();
process.once("SIGINT", () => cleanUp().then(() => process.exit(130)));
const began = Date.now();
const services = planServices({ quiet, began, volume, pageSize: args["page-size"] });
const customers = services.pop();
try {
  await startStores();
  for (const service of services) start(service);
  await sleep(2000);
  start(customers);
  const deploys = [];
  for (const { service, version, at } of planDeploys(quiet)) {
    await sleep(began + at - Date.now());
    await deploy(service, version);
    deploys.push({ service, version, at: new Date() });
    console.log(new Date().toISOString(), "deployed", service, version);
  }
  await sleep(began + total - Date.now());
  keep(began, Date.now(), deploys);
} finally {
  await cleanUp();
}
