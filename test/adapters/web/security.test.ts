import { randomUUID } from "node:crypto";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createWebConsole } from "../../../adapters/web/index.ts";
import { UserError } from "../../../src/errors.ts";
import { createScriptedCore } from "../../support/scriptedCore.ts";
import { type OpenWeb, openWeb, readChannel, TOKEN, webOptions } from "./harness.ts";

let web: OpenWeb;
const core = createScriptedCore();
beforeEach(async () => {
  web = await openWeb(core);
});
afterEach(() => web.platform.stop());

const PATHS = [
  "/",
  "/page/main.js",
  "/page/style.css",
  "/setup",
  "/events?channel=logs",
  "/complete?channel=logs&line=/",
  "/nothing",
];

describe("the printed address", () => {
  test("lets a browser in with a cookie that scripts and other sites do not get, and leaves the address clean", async () => {
    const response = await fetch(web.platform.url, { redirect: "manual" });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/");
    const port = new URL(web.origin).port;
    expect(response.headers.get("set-cookie")).toBe(
      `loghunter_${port}=${TOKEN}; Path=/; HttpOnly; SameSite=Strict`,
    );
  });

  test.each(PATHS)("is needed for %s", async (path) => {
    const response = await fetch(web.origin + path);
    expect(response.status).toBe(401);
    expect(await response.text()).toContain("Open the address that LogHunter printed when it started");
  });

  test("with another token is refused, and so is a wrong cookie", async () => {
    expect((await fetch(`${web.origin}/?token=${TOKEN}x`)).status).toBe(401);
    expect((await fetch(`${web.origin}/?token=`)).status).toBe(401);
    expect((await web.get("/", { cookie: web.cookie.slice(0, -1) })).status).toBe(401);
  });

  test("works for nothing but the page itself", async () => {
    expect((await fetch(`${web.origin}/setup?token=${TOKEN}`)).status).toBe(401);
  });
});

describe("other sites", () => {
  test.each(["cross-site", "same-site"])("a %s request is refused, also with the cookie", async (site) => {
    expect((await web.get("/setup", { "sec-fetch-site": site })).status).toBe(403);
  });

  test.each(["https://evil.test", "http://127.0.0.1:1", "null"])(
    "the origin %s is refused",
    async (origin) => {
      const response = await fetch(`${web.origin}/say`, {
        method: "POST",
        headers: { cookie: web.cookie, origin, "content-type": "application/json" },
        body: JSON.stringify({ id: randomUUID(), text: "/loghunter status", channel: "logs" }),
      });
      expect(response.status).toBe(403);
      expect(await readChannel(web)).toEqual([]);
    },
  );

  test("a name that was pointed at this machine is refused; localhost is not", async () => {
    expect(await statusFor("evil.test")).toBe(403);
    expect(await statusFor("127.0.0.1.evil.test:80")).toBe(403);
    expect(await statusFor("localhost:1234")).toBe(200);
    expect(await statusFor("[::1]")).toBe(200);
    // A console that is bound to one address has no business under another one.
    expect(await statusFor("192.168.1.5")).toBe(403);
  });

  test("a further address that was set is let in, and is the one that is printed", async () => {
    const port = await freePort();
    const publicUrl = "https://logs.example.test/";
    const behind = createWebConsole(webOptions({ port, publicUrl }));
    await behind.start(core);
    expect(behind.url).toBe(`${publicUrl}?token=${TOKEN}`);
    const answer = await askAs("logs.example.test", port, `/?token=${TOKEN}`);
    expect(answer.status).toBe(303);
    expect(answer.cookie).toContain("; Secure");
    expect((await askAs("evil.test", port, `/?token=${TOKEN}`)).status).toBe(403);
    await behind.stop();
  });

  const statusFor = async (host: string) =>
    (await askAs(host, Number(new URL(web.origin).port), "/setup")).status;

  /** fetch does not let anyone choose the host. */
  function askAs(host: string, port: number, path: string): Promise<{ status?: number; cookie?: string }> {
    return new Promise((resolve, reject) => {
      const options = {
        port,
        host: "127.0.0.1",
        path,
        headers: { host, cookie: web.cookie },
        agent: false as const,
      };
      const asked = request(options, (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, cookie: response.headers["set-cookie"]?.[0] ?? "" });
      });
      asked.on("error", reject).end();
    });
  }

  function freePort(): Promise<number> {
    return new Promise((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        server.close(() => resolve(port));
      });
    });
  }
});

describe("every answer", () => {
  test.each(["/", "/page/main.js", "/setup", "/nothing"])(
    "%s forbids what the page does not need",
    async (path) => {
      const { headers } = await web.get(path);
      expect(headers.get("content-security-policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
      );
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toMatch(/no-store|no-cache/);
    },
  );

  test("a refused one does so as well", async () => {
    const { headers } = await fetch(web.origin);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("no file outside the page is served", async () => {
    for (const path of [
      "/page/..%2findex.ts",
      "/page/jsconfig.json",
      "/page/%2e%2e/index.ts",
      "/page/../session.ts",
    ]) {
      expect((await web.get(path)).status).toBe(404);
    }
  });
});

describe("what is sent in", () => {
  const said = () => ({ id: randomUUID(), text: "/loghunter status", channel: "logs" });

  test("must be JSON", async () => {
    const form = {
      method: "POST",
      headers: { cookie: web.cookie, "content-type": "text/plain" },
      body: JSON.stringify(said()),
    };
    expect((await fetch(`${web.origin}/say`, form)).status).toBe(415);
    const broken = { ...form, headers: { ...form.headers, "content-type": "application/json" }, body: "{" };
    expect((await fetch(`${web.origin}/say`, broken)).status).toBe(400);
  });

  test("may come without its length, in pieces, as proxies send it", async () => {
    const inPieces = (text: string) =>
      fetch(`${web.origin}/say`, {
        method: "POST",
        headers: { cookie: web.cookie, "content-type": "application/json" },
        body: new Blob([JSON.stringify({ ...said(), text })]).stream(),
        duplex: "half",
      } as RequestInit);
    expect((await inPieces("hello")).status).toBe(200);
    expect((await inPieces("x".repeat(70_000))).status).toBe(413);
  });

  test("may have 64 KB", async () => {
    expect((await web.send("/say", { ...said(), text: "x".repeat(70_000) })).status).toBe(413);
  });

  test.each([
    ["an id that is none", { id: "answer:1" }],
    ["a text too long", { text: "x".repeat(9_000) }],
    ["no text", { text: " \n" }],
    ["an unknown channel", { channel: "secrets" }],
    ["a thread id that is none", { thread: "../x" }],
  ])("is checked: %s", async (_, wrong) => {
    expect((await web.send("/say", { ...said(), ...wrong })).status).toBe(400);
    expect(await readChannel(web)).toEqual([]);
  });

  test("a thread and a message that are not there are refused with a sentence", async () => {
    const answer = await web.send("/say", { ...said(), thread: "m99" });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toEqual({ error: "This thread is gone." });
    const press = await web.send("/press", { id: randomUUID(), message: "m99", action: "a:b" });
    expect(await press.json()).toEqual({ error: "This message is gone." });
  });

  test("an action that stands on no button is refused, and does not reach the core", async () => {
    const place = { platform: "web", workspace: "here", channel: "logs" };
    const posted = await web.platform.post(
      place,
      { title: "no buttons", tone: "neutral", body: [] },
      { deliveryId: "d1" },
    );
    const id = posted.outcome === "sent" ? posted.message.id : "";
    const before = core.inbounds.length;
    const press = await web.send("/press", { id: randomUUID(), message: id, action: "keys.revoke:all" });
    expect(press.status).toBe(409);
    expect(core.inbounds).toHaveLength(before);
  });

  test("a zone that is none counts as not said", async () => {
    await web.send("/say", { ...said(), zone: "Mars/Olympus" });
    expect(core.inbounds.at(-1)?.person).toEqual({
      id: "you",
      name: "Web console",
      platformAdmin: true,
      operator: true,
    });
  });
});

describe("a port", () => {
  test("that is in use is named, with the setting to change", async () => {
    const port = Number(new URL(web.origin).port);
    const second = createWebConsole(webOptions({ port }));
    const refused = await second.start(core).catch((err: unknown) => err);
    expect(refused).toBeInstanceOf(UserError);
    expect(String(refused)).toContain(String(port));
    expect(String(refused)).toContain("WEB_PORT");
  });
});
