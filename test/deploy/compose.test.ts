import { existsSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { SETTINGS } from "../../src/settings/settings.ts";
import { base, each, ours, read, root, services, volumes } from "../support/compose.ts";
import { runCommand } from "../support/program.ts";

const dockerfile = await read("Dockerfile");
const packed = JSON.parse(await read("package.json")) as { version: string; engines: { node: string } };

describe.each(each)("%s", (name, service) => {
  test("may do no more than it needs", () => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      deploy: { resources: { limits: { cpus: expect.any(String), memory: expect.any(String) } } },
    });
    // One that runs to its end is not started again.
    const runsToItsEnd = each.some(
      ([, { depends_on }]) => depends_on?.[name]?.condition === "service_completed_successfully",
    );
    expect(service.restart).toBe(runsToItsEnd ? "no" : "unless-stopped");
    // Only what reads others' files, or gives new volumes away, is root.
    const isRoot = ["alloy", "base-backup-owner"].includes(name);
    expect(service.user === "root").toBe(isRoot);
  });

  test("is reached from this machine alone", () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
    if ((service.ports ?? []).length > 0) expect(["bot", "grafana"]).toContain(name);
    expect(service.networks ?? service.network_mode).toBeDefined();
    for (const network of service.networks ?? []) expect(Object.keys(base.networks)).toContain(network);
  });

  test("has what it mounts", () => {
    for (const mounted of service.volumes ?? []) {
      const [from = "", , mode] = mounted.split(":");
      if (from.startsWith("./")) {
        expect([from, existsSync(new URL(from, root)), mode]).toEqual([from, true, "ro"]);
      } else if (from.startsWith("/")) expect(mode).toBe("ro");
      else expect(Object.keys(volumes)).toContain(from);
    }
    for (const secret of service.secrets ?? [])
      expect(base.secrets[secret]).toEqual({ file: `./secrets/${secret}` });
  });

  test("waits for what is there", () => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(services[other]).toBeDefined();
      if (condition === "service_healthy") expect(services[other]?.healthcheck).toBeDefined();
    }
  });

  test("is given no secret but by file", () => {
    for (const [variable, value] of Object.entries(service.environment ?? {}))
      if (/PASSWORD|SECRET|TOKEN|DATABASE_URL/.test(variable))
        expect([variable, value]).toEqual([
          expect.stringMatching(/_FILE$/),
          expect.stringMatching(/^\/run\/secrets\//),
        ]);
  });
});

test("the database and the cache have no way in or out", () => {
  expect(base.networks.data).toEqual({ internal: true });
  expect(services.postgres?.networks).toEqual(["data"]);
  expect(services.redis?.networks).toEqual(["data"]);
});

describe("LogHunter's services", () => {
  const settings = new Set(Object.values(SETTINGS).map(({ name }): string => name));

  test.each(ours)("%s sets what there is to set", (_, { environment, image }) => {
    expect(image).toBe(`loghunter:${packed.version}`);
    for (const variable of Object.keys(environment ?? {}))
      expect([variable, settings.has(variable.replace(/_FILE$/, ""))]).toEqual([variable, true]);
  });

  test.each(
    ours.flatMap(([name, { command, healthcheck }]) =>
      [command, healthcheck?.test.slice(1)]
        .filter((words) => words?.[0] === "loghunter")
        .map((words) => [`${name}: ${words?.join(" ")}`, words?.slice(1) ?? []] as const),
    ),
  )("%s is a command", async (_, words) => {
    const { code, output } = await runCommand({}, [words[0] as string, "--help"]);
    expect(code).toBe(0);
    for (const option of words.slice(1)) expect(output).toContain(option);
  });

  test("listen where their ports and health checks say", () => {
    const { bot } = services;
    expect(bot?.ports).toEqual(["127.0.0.1:3140:3140", "127.0.0.1:3141:3141"]);
    expect(SETTINGS.webPort.unset).toContain("3140");
    // What .env says of these, as for a start without Docker, must not count.
    expect(bot?.environment).toMatchObject({
      ...{ WEB_HOST: "0.0.0.0", WEB_PORT: "3140", HTTP_HOST: "0.0.0.0", HTTP_PORT: "3141" },
      STATE_DIR: bot?.volumes?.find((volume) => volume.startsWith("state:"))?.slice("state:".length),
    });
    expect(dockerfile).toContain("HTTP_PORT=3141");
    expect(dockerfile).toMatch(/WEB_HOST=0\.0\.0\.0/);
    expect(bot?.healthcheck?.test.join(" ")).toContain("http://127.0.0.1:3141/readyz");
  });
});

describe("the image", () => {
  test("is built by one service, for which the others wait", () => {
    // Of several that build it at once the others fail: "image … already exists".
    expect(ours.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(["migrate"]);
    for (const [name, { depends_on, pull_policy }] of ours) {
      expect([name, pull_policy]).toEqual([name, "never"]);
      if (name !== "migrate") expect(depends_on).toHaveProperty("migrate");
    }
  });

  test("is made of what is in the repository and not left out of it", async () => {
    const ignored = (await read(".dockerignore")).split("\n");
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = ""]) =>
      from.split(" "),
    );
    expect(copied).toContain("package-lock.json");
    for (const each of copied.filter((one) => one !== ".")) {
      expect([each, existsSync(new URL(each, root))]).toEqual([each, true]);
      expect(ignored).toContain(`!${each}`);
    }
    for (const line of ignored.filter((one) => one.startsWith("!")))
      expect([line, existsSync(new URL(line.slice(1), root))]).toEqual([line, true]);
  });

  test("runs a Node that the program runs on, as nobody in particular", () => {
    const [, major] = /^ARG NODE_IMAGE=node:(\d+)/m.exec(dockerfile) ?? [];
    expect(packed.engines.node).toBe(`>=${major}.19`);
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  test("dumps a PostgreSQL of the version that is run", () => {
    const [, server] = /^postgres:(\d+)/.exec(services.postgres?.image ?? "") ?? [];
    expect(dockerfile).toContain(`postgresql-client-${server}`);
    expect(services["base-backup"]?.image).toBe(services.postgres?.image);
  });
});
