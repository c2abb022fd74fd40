// Stands in for an object store. Now and then it asks its callers to slow down. Keeps no log.
import { serve } from "../lib/http.mjs";
import { between, chance, sleep } from "../lib/misc.mjs";

async function put() {
  await sleep(between(10, 60));
  return chance(0.015) ? { status: 503, body: { error: "SlowDown" } } : { status: 201 };
}

serve({
  port: process.env.PORT,
  routes: [["POST", /^\/objects$/, put]],
  done() {},
  failed: () => ({ status: 500 }),
});
