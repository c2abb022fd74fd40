// An independent Slack (https://emulate.dev), in a process of its own: `node emulate.mjs <port> <redirect uri>`.
import net from "node:net";
import { createEmulator } from "emulate";

// It would listen on all interfaces, and has no setting for that.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, port, "127.0.0.1", ...rest.filter((one) => typeof one === "function"));
};

const [port, redirectUri] = process.argv.slice(2);
const app = {
  client_id: "1.2",
  client_secret: "secret-for-tests",
  name: "LogHunter",
  redirect_uris: [redirectUri],
};
const { url } = await createEmulator({
  service: "slack",
  port: Number(port),
  // Files go to the address that it has for everything else, as with a gateway.
  baseUrl: `http://127.0.0.1:${port}`,
  seed: {
    slack: { team: { name: "Acme", domain: "acme" }, channels: [{ name: "logs" }], oauth_apps: [app] },
  },
});
console.log(url.replace("localhost", "127.0.0.1"));
