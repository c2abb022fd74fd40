import { connect } from "node:net";
import { createInterface } from "node:readline";
import Redis from "ioredis";
import { syslog3164 } from "../lib/log.mjs";
import { onStop, sleep } from "../lib/misc.mjs";

const { SMTP_URL, SESSIONS_URL } = process.env;
const log = syslog3164("accounts-1", "mailer");
const queue = new Redis(SESSIONS_URL);
queue.on("error", (error) => log.error(`queue: ${error.message}`));

/** Speaks just enough SMTP to hand over one message; returns the relay's last answer. */
async function hand(to) {
  const { hostname, port } = new URL(SMTP_URL);
  const socket = connect(Number(port), hostname);
  const lines = createInterface({ input: socket });
  const commands = ["EHLO mailer.example.com", "MAIL FROM:<no-reply@example.com>", `RCPT TO:<${to}>`, "QUIT"];
  try {
    for await (const answer of lines) {
      if (!answer.startsWith("2")) return answer;
      if (commands.length === 1) return answer;
      socket.write(`${commands.shift()}\r\n`);
    }
    return "421 connection closed by relay";
  } finally {
    socket.destroy();
  }
}

async function deliver(mail) {
  const id = Math.random().toString(16).slice(2, 12).toUpperCase();
  for (let attempt = 1; attempt <= 3; attempt++) {
    const began = Date.now();
    const answer = await hand(mail.to).catch((error) => `421 ${error.message}`);
    const took = `delay=${((Date.now() - began) / 1000).toFixed(2)}`;
    if (answer.startsWith("2")) {
      log.info(`${id}: to=<${mail.to}>, template=${mail.template}, ${took}, status=sent (${answer})`);
      return;
    }
    if (answer.startsWith("5")) {
      log.error(`${id}: to=<${mail.to}>, template=${mail.template}, ${took}, status=bounced (${answer})`);
      return;
    }
    log.warn(`${id}: to=<${mail.to}>, ${took}, status=deferred (${answer}), attempt ${attempt}`);
    await sleep(2000 * attempt);
  }
  log.error(`${id}: to=<${mail.to}>, giving up after 3 attempts`);
}

log.info(`started, relay ${SMTP_URL}`);
onStop(() => log.info("terminating on signal 15"));
for (;;) {
  const [, item] = (await queue.brpop("mail", 20)) ?? [];
  if (item === undefined) log.info("queue empty");
  else await deliver(JSON.parse(item));
}
