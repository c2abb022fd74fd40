import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createSlack, type Slack } from "../../../adapters/slack/index.ts";
import type { Card } from "../../../src/chat/card.ts";
import { createLog } from "../../../src/log.ts";
import { sentOf } from "../../contract/chatHarness.ts";
import { createMemoryActs } from "../../support/memoryActs.ts";
import { createScriptedCore } from "../../support/scriptedCore.ts";
import { createMemoryInstallations } from "../../support/slack/memory.ts";
import { ONE_PIXEL } from "./harness.ts";

const EMULATOR = fileURLToPath(new URL("../../support/slack/emulate.mjs", import.meta.url));

/** Against a Slack that somebody else wrote: what the stand-in and the adapter both got wrong would show here. */
describe("on an independent emulation of Slack", () => {
  const installations = createMemoryInstallations();
  let emulator: ChildProcess;
  let emulated: string;
  let http: Server;
  let url: string;
  let slack: Slack;
  let token: string;

  beforeAll(async () => {
    let listener: Slack["listener"];
    http = createServer((request, response) => listener?.(request, response));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    emulator = spawn(process.execPath, [EMULATOR, String(await freePort()), `${url}/slack/oauth_redirect`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    emulated = await new Promise<string>((resolve, reject) => {
      emulator.stdout?.once("data", (data: Buffer) => resolve(data.toString().trim()));
      emulator.once("close", (code) => reject(new Error(`the emulation ended with ${code}`)));
    });
    slack = createSlack({
      draw: async () => ONE_PIXEL,
      log: createLog("silent"),
      now: Date.now,
      acts: createMemoryActs(),
      apiUrl: `${emulated}/api`,
      connection: {
        mode: "http",
        signingSecret: "signing-secret",
        clientId: "1.2",
        clientSecret: "secret-for-tests",
        stateSecret: "state-secret-for-tests",
        publicUrl: url,
        authorizeUrl: `${emulated}/oauth/v2/authorize`,
        installations,
      },
    });
    listener = slack.listener;
    await slack.start(createScriptedCore());
  });
  afterAll(async () => {
    await slack.stop();
    emulator.kill("SIGTERM");
    http.closeAllConnections();
    await new Promise<void>((resolve) => http.close(() => resolve()));
  });

  test("it is installed by OAuth, as a browser goes through it", async () => {
    const begun = await fetch(`${url}/slack/install`, { redirect: "manual" });
    const cookie = begun.headers.get("set-cookie")?.split(";")[0] ?? "";
    const page = await (await fetch(begun.headers.get("location") ?? "")).text();
    const form = new URLSearchParams(
      [...(page.split("</form>")[0]?.matchAll(/name="(\w+)" value="([^"]*)"/g) ?? [])].map(
        ([, name = "", value = ""]): [string, string] => [name, value.replaceAll("&amp;", "&")],
      ),
    );
    const agreed = await fetch(`${emulated}/oauth/v2/authorize/callback`, {
      method: "POST",
      body: form,
      redirect: "manual",
    });
    const back = await fetch(agreed.headers.get("location") ?? "", { headers: { cookie } });
    expect(await back.text()).toContain("/loghunter connect");
    expect(back.status).toBe(200);
    const [kept] = [...installations.kept.values()];
    token = (JSON.parse(kept?.secret ?? "{}") as { bot: { token: string } }).bot.token;
    expect(token).toMatch(/^xoxb-/);
  });

  test("a card with its chart arrives by the three-step upload, can be edited, and is found again by its id", async () => {
    const [team] = [...installations.kept.keys()].map((key) => key.split(" ")[1] as string);
    const listed = await ask("conversations.list");
    const channel = (listed.channels as { id: string; name: string }[]).find(
      ({ name }) => name === "logs",
    )?.id;
    const place = { platform: "slack", workspace: team as string, channel: channel as string };
    const ref = sentOf(await slack.post(place, CARD, { deliveryId: "d1" }));

    const history = async () =>
      (await ask("conversations.history", { channel: place.channel })).messages as Shown[];
    const [message] = await history();
    expect(message?.ts).toBe(ref.id);
    const picture = message?.blocks.find(({ type }) => type === "image");
    expect(picture).toMatchObject({ alt_text: "Errors rose" });
    const file = await ask("files.info", { file: picture?.slack_file?.id ?? "" });
    expect(file).toMatchObject({ ok: true, file: { size: ONE_PIXEL.byteLength } });

    const edited = await slack.edit(ref, { ...CARD, title: "checkout: resolved" });
    expect(edited).toEqual({ outcome: "sent", message: ref });
    expect(JSON.stringify(await history())).toContain("checkout: resolved");
    expect(await slack.post({ ...place, channel: "C404" }, CARD, { deliveryId: "d2" })).toMatchObject({
      outcome: "refused",
      reason: "channel gone",
    });
  });

  async function ask(method: string, args: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const response = await fetch(`${emulated}/api/${method}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams(args),
    });
    return (await response.json()) as Record<string, unknown>;
  }
});

interface Shown {
  ts: string;
  blocks: { type: string; alt_text?: string; slack_file?: { id: string } }[];
}

const CARD: Card = {
  title: "checkout: errors",
  tone: "critical",
  body: [
    {
      kind: "chart",
      alt: "Errors rose",
      chart: { title: "checkout", unit: "errors / min", fromMs: 0, stepMs: 60_000, values: [1, 40] },
    },
  ],
};

/** The emulation wants to be told one. */
async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
