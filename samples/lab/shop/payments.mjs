import { call, serve } from "../lib/http.mjs";
import { log4j } from "../lib/log.mjs";
import { onStop, sleep } from "../lib/misc.mjs";

const { PORT, ACQUIRER_URL, VERSION } = process.env;
const log = log4j("com.example.shop.payments.ChargeController");
let served = 0;

async function charge({ id, body }) {
  const thread = `http-${PORT}-exec-${(served++ % 8) + 1}`;
  const began = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await call("acquirer", `${ACQUIRER_URL}/authorise`, {
        method: "POST",
        body,
        timeoutMs: 1200,
      });
      const ms = Math.round(performance.now() - began);
      if (answer.status === 402) {
        log.warn(
          thread,
          `Card declined req=${id} order=${body.orderId} code=${answer.body.error} took=${ms}ms`,
        );
      } else {
        log.info(
          thread,
          `Charged req=${id} order=${body.orderId} charge=${answer.body.chargeId} amount=${body.amountCents} customer=${body.email} took=${ms}ms`,
        );
      }
      return answer;
    } catch (error) {
      log.error(thread, `Acquirer call failed req=${id} order=${body.orderId} attempt=${attempt}`, error);
      if (attempt === 2) throw error;
      await sleep(150);
    }
  }
}

serve({
  port: PORT,
  routes: [["POST", /^\/charges$/, charge]],
  done() {},
  failed: () => ({ status: 502, body: { error: "acquirer unavailable" } }),
});

log.info("main", `Payments ${VERSION} started on port ${PORT}, acquirer key sk_test_51FAKEfakeFAKEfake0000`);
onStop(() => log.info("Thread-1", "Shutting down"));
