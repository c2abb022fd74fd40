// Line formats found in the wild. Each returns a logger that prints what the program tells it, at once.
const print = (text) => process.stdout.write(`${text}\n`);
const iso = () => new Date().toISOString();
const two = (n) => String(n).padStart(2, "0");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const logfmtValue = (value) => {
  const text = String(value);
  return /[\s"=]/.test(text) || text === "" ? JSON.stringify(text) : text;
};

/** time=… level=info msg="…" key=value */
export function logfmt() {
  const line =
    (level) =>
    (msg, fields = {}) => {
      const all = { time: iso(), level, msg, ...fields };
      print(
        Object.entries(all)
          .map(([k, v]) => `${k}=${logfmtValue(v)}`)
          .join(" "),
      );
    };
  return { info: line("info"), warn: line("warn"), error: line("error") };
}

/** I1124 03:20:11.123456   812 stock.mjs:31] … : month and day, no year, no zone */
export function klog() {
  const caller = () => {
    const frame = new Error().stack.split("\n")[3] ?? "";
    return /([^/]+\.mjs:\d+)/.exec(frame)?.[1] ?? "main.mjs:1";
  };
  const line = (letter) => (msg) => {
    const ms = performance.timeOrigin + performance.now();
    const micros = String(Math.floor((ms % 1) * 1000)).padStart(3, "0");
    const d = new Date(ms);
    const time = `${d.toISOString().slice(11, 23)}${micros}`;
    const day = `${two(d.getUTCMonth() + 1)}${two(d.getUTCDate())}`;
    print(`${letter}${day} ${time} ${String(process.pid).padStart(7)} ${caller()}] ${msg}`);
  };
  return { info: line("I"), warn: line("W"), error: line("E") };
}

/** 2026-11-24 03:20:11,123 INFO  [http-3] c.s.p.Charges - … : no zone, stack trace on the following lines */
export function log4j(logger) {
  const line = (level) => (thread, msg, error) => {
    const time = iso().replace("T", " ").replace(".", ",").slice(0, 23);
    print(`${time} ${level.padEnd(5)} [${thread}] ${logger} - ${msg}${error ? `\n${stackOf(error)}` : ""}`);
  };
  return { info: line("INFO"), warn: line("WARN"), error: line("ERROR") };
}

/** 2026-11-24T03:20:11.123Z  INFO 812 --- [render-2] r.j.RenderJob : … : the way Spring Boot prints */
export function spring(logger) {
  const line = (level) => (thread, msg, error) =>
    print(
      `${iso()} ${level.padStart(5)} ${process.pid} --- [${thread.padStart(10)}] ${logger.padEnd(24)} : ${msg}${error ? `\n\n${stackOf(error)}` : ""}`,
    );
  return { info: line("INFO"), warn: line("WARN"), error: line("ERROR") };
}

/** 2026-11-24T03:20:11Z [WARN] … */
export function bracketed() {
  const line = (level) => (msg) => print(`${iso().slice(0, 19)}Z [${level}] ${msg}`);
  return { info: line("INFO"), warn: line("WARN"), error: line("ERROR") };
}

/** 2026-11-24 03:20:11.123 ERROR auth: … : no zone, stack trace on the following lines */
export function plain(name) {
  const line = (level) => (msg, error) =>
    print(
      `${iso().replace("T", " ").slice(0, 23)} ${level.padEnd(5)} ${name}: ${msg}${error ? `\n${stackOf(error)}` : ""}`,
    );
  return { info: line("INFO"), warn: line("WARN"), error: line("ERROR") };
}

/** Nov 24 03:20:11 accounts-1 mailer[812]: … (RFC 3164 as kept in files: no year, no zone) */
export function syslog3164(host, app) {
  const line = (prefix) => (msg) => {
    const d = new Date();
    const day = String(d.getUTCDate()).padStart(2);
    print(
      `${MONTHS[d.getUTCMonth()]} ${day} ${d.toISOString().slice(11, 19)} ${host} ${app}[${process.pid}]: ${prefix}${msg}`,
    );
  };
  return { info: line(""), warn: line("warning: "), error: line("error: ") };
}

/** <134>1 2026-11-24T03:20:11.123Z reports-1 scheduler 812 - - … (RFC 5424, facility local0) */
export function syslog5424(host, app) {
  const line =
    (severity) =>
    (msg, id = "-") =>
      print(`<${16 * 8 + severity}>1 ${iso()} ${host} ${app} ${process.pid} ${id} - ${msg}`);
  return { info: line(6), warn: line(4), error: line(3) };
}

function stackOf(error) {
  const cause = error.cause ? `\nCaused by: ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error}${cause}`;
}
