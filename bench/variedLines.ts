/** Makes log lines that are all different, of the set that is asked for. The same for a seed. */
export function createLineMaker(seed: number): (set: LineSet) => string {
  const draw = mulberry32(seed);
  const below = (limit: number) => Math.floor(draw() * limit);
  const one = (words: readonly string[]) => words[below(words.length)] as string;
  const hex = (length: number) =>
    Array.from({ length }, () => "0123456789abcdef"[below(16)] as string).join("");
  let atMs = Date.UTC(2026, 0, 1);

  const values: Record<string, () => string> = {
    stamp: () => new Date(atMs).toISOString(),
    clock: () => new Date(atMs).toISOString().slice(0, 23).replace("T", " ").replace(".", ","),
    syslog: () =>
      `${one(["Jan", "Feb", "Mar"])} ${10 + below(18)} ${new Date(atMs).toISOString().slice(11, 19)}`,
    ms: () => String(atMs),
    n: () => String(below(100_000)),
    small: () => String(below(100)),
    ip: () => `10.${below(256)}.${below(256)}.${below(256)}`,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    hex: () => hex(16),
    pod: () => `${one(SERVICES)}-${hex(9)}-${hex(5)}`,
    service: () => one(SERVICES),
    path: () => `/${one(NOUNS)}/${below(10_000)}/${one(NOUNS)}`,
    file: () => `/var/lib/${one(SERVICES)}/${hex(6)}/${one(NOUNS)}.db`,
    verb: () => one(VERBS),
    noun: () => one(NOUNS),
    level: () => one(["INFO", "WARN", "ERROR", "DEBUG"]),
    low: () => one(["info", "warn", "error", "debug"]),
    method: () => one(["GET", "POST", "PUT", "DELETE"]),
    status: () => one(["200", "201", "304", "404", "500", "503"]),
    class: () => one(CLASSES),
  };
  const filled = (form: string) =>
    form.replace(/\{(\w+)\}/g, (whole, name: string) => values[name]?.() ?? whole);
  return (set) => {
    atMs += below(2_000);
    return filled(one(FORMS[set]));
  };
}

const SERVICES = ["checkout", "billing", "search", "profile", "report-api", "gateway", "inventory", "mailer"];
const NOUNS = ["order", "invoice", "session", "basket", "shipment", "account", "report", "image", "job"];
const VERBS = ["placing", "reading", "updating", "removing", "sending", "locking", "merging", "charging"];
const CLASSES = ["TimeoutError", "TypeError", "ValueError", "IOException", "SQLException", "ConnectError"];

/** As services write them, by what writes so. */
const FORMS = {
  log4j: [
    "{clock} {level} [http-nio-8080-exec-{small}] c.s.orders.OrderService - {verb} {noun} {n} of customer {uuid} took {n} ms",
    "{clock} {level} [main] o.a.k.c.NetworkClient : [Consumer clientId={service}-{small}, groupId={service}] Connection to node {small} ({ip}/{ip}:9092) could not be established. Broker may not be available.",
  ],
  JSON: [
    '{"level":50,"time":{ms},"pid":{n},"hostname":"{pod}","req":{"id":"{uuid}","method":"{method}","url":"{path}"},"msg":"{verb} {noun} failed: connect ECONNREFUSED {ip}:5432"}',
    '{"timestamp":"{stamp}","level":"{low}","logger":"app.{noun}","message":"{verb} {noun} {n} for tenant {hex}","duration_ms":{n},"trace_id":"{hex}{hex}"}',
  ],
  logfmt: [
    'time="{stamp}" level={low} msg="{verb} {noun} failed" caller={service}.go:{small} {noun}={n} err="dial tcp {ip}:6379: i/o timeout"',
    'ts={stamp} level={low} component={service} msg="finished {noun}" n={n} took={small}.{n}ms id={uuid}',
  ],
  nginx: [
    '{ip} - - [{stamp}] "{method} {path}?page={small} HTTP/1.1" {status} {n} "-" "curl/8.{small}.0" rt=0.{n}',
    '{stamp} [error] {n}#{small}: *{n} connect() failed (111: Connection refused) while connecting to upstream, client: {ip}, server: {service}.example.com, request: "{method} {path} HTTP/1.1", upstream: "http://{ip}:8080{path}"',
  ],
  PostgreSQL: [
    '{stamp} UTC [{n}] ERROR:  duplicate key value violates unique constraint "{noun}_pkey"',
    "{stamp} UTC [{n}] LOG:  duration: {n}.{small} ms  statement: select * from {noun} where id = {n}",
  ],
  Redis: ["{n}:M {syslog} * Background saving started by pid {n}"],
  klog: [
    'E0101 12:{small}:00.{n} {n} pod_workers.go:{small}] "Error syncing pod" err="failed to start container {hex}: back-off {small}m0s" pod="{service}/{pod}"',
  ],
  syslog: [
    "<{small}>{syslog} {pod} sshd[{n}]: Failed password for invalid user {noun} from {ip} port {n} ssh2",
    "{syslog} {pod} kernel: [{n}.{n}] Out of memory: Killed process {n} ({service}) total-vm:{n}kB, anon-rss:{n}kB",
  ],
  frameworks: [
    "[{stamp}] production.{level}: {verb} {noun} {n} {class}: Undefined index total in {file}:{small}",
    "{level}:{service}.{noun}:{verb} {noun} {n} raised {class}: could not open {file}",
  ],
  plain: [
    "{stamp} {level} {service}: cache miss for key {noun}:{n}, loading from {file} ({small}.{small} MB)",
    "{stamp} {level} retry {small} of {small} in {small}s: upstream {service} at {ip}:8443 answered {status}",
    "{stamp} {level} worker {small} picked job {uuid} from queue {noun} after {n} ms",
    "{stamp} {level} user {noun}{n} signed in from {ip} with session {hex}",
  ],
  stacks: [
    "java.sql.{class}: {verb} {noun} {n} failed\n\tat com.shop.orders.Store.save(Store.java:{small})\n\tat com.shop.orders.Service.place(Service.java:{small})\n\tat java.base/java.lang.Thread.run(Thread.java:{n})\nCaused by: java.net.SocketTimeoutException: {n} ms\n\t... {small} more",
    "{class}: {verb} {noun} {n}\n    at place (/app/src/orders.js:{small}:{small})\n    at async handle (/app/src/server.js:{small}:{small})\n    at node:internal/process/task_queues:{small}:5",
  ],
} as const;

export type LineSet = keyof typeof FORMS;

/** How many lines of each set there are in a hundred: a service that is well writes few stacks. */
export const LINE_SETS: Readonly<Record<LineSet, number>> = {
  log4j: 10,
  JSON: 10,
  logfmt: 10,
  nginx: 10,
  PostgreSQL: 9,
  Redis: 5,
  klog: 5,
  syslog: 10,
  frameworks: 9,
  plain: 20,
  stacks: 2,
};

/** A small generator of even quality: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
