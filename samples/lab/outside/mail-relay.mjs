// Stands in for a mail relay and for a third party's avatar service. Both have bad moments. Keeps no log.
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { serve } from "../lib/http.mjs";
import { between, chance, sleep } from "../lib/misc.mjs";

const { PORT, AVATARS_PORT } = process.env;

createServer((socket) => {
  socket.on("error", () => {});
  socket.write("220 relay.example.net ESMTP\r\n");
  createInterface({ input: socket }).on("line", async (line) => {
    await sleep(between(5, 60));
    if (line.startsWith("RCPT") && chance(0.06)) socket.write("451 4.7.1 Greylisted, try again later\r\n");
    else if (line.startsWith("RCPT") && chance(0.03))
      socket.write("550 5.1.1 Recipient address rejected: user unknown\r\n");
    else socket.write("250 2.0.0 Ok\r\n");
  });
}).listen(PORT, "127.0.0.1");

async function avatar() {
  await sleep(between(20, 120));
  if (chance(0.03)) await sleep(700);
  if (chance(0.02)) return { status: 500, body: { error: "oops" } };
  return { status: 200, body: { url: "https://avatars.example.net/1.png" } };
}

serve({
  port: AVATARS_PORT,
  routes: [["GET", /^\/avatar$/, avatar]],
  done() {},
  failed: () => ({ status: 500 }),
});
