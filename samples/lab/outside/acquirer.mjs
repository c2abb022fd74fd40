// Stands in for the card network. Declines some cards, is sometimes slow, sometimes broken. Keeps no log.
import { serve } from "../lib/http.mjs";
import { between, chance, pick, sleep } from "../lib/misc.mjs";

const DECLINES = ["insufficient_funds", "expired_card", "do_not_honour", "suspected_fraud"];

async function authorise() {
  await sleep(between(40, 180));
  if (chance(0.012)) await sleep(1500);
  if (chance(0.008)) return { status: 503, body: { error: "issuer switch unavailable" } };
  if (chance(0.05)) return { status: 402, body: { error: pick(DECLINES) } };
  return { status: 200, body: { chargeId: `ch_${Math.random().toString(36).slice(2, 14)}` } };
}

serve({
  port: process.env.PORT,
  routes: [["POST", /^\/authorise$/, authorise]],
  done() {},
  failed: () => ({ status: 500 }),
});
