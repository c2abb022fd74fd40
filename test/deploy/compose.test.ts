import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { SETTINGS } from "../../src/settings/settings.ts";
import { runCommand } from "../support/program.ts";

interface Service {
  image?: string;
  user?: string;
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  networks?: string[];
  network_mode?: string;
  init?: boolean;
  secrets?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  deploy?: { resources: { limits: { cpus: string; memory: string } } };
  restart?: string;
  read_only?: boolean;
  cap_add?: string[];
  cap_drop?: string[];
  security_opt?: string[];
  tmpfs?: string[];
  profiles?: string[];
}
interface Compose {
  name: string;
  "x-loghunter": Service;
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, object>;
  secrets: Record<string, { file: string }>;
}

const root = new URL("../../", import.meta.url);
const read = (file: string) => readFile(new URL(file, root), "utf8");
const written = await read("docker-compose.yml");
const head = written.slice(0, written.indexOf("name: loghunter"));
const base: Compose = parse(written, { merge: true });
const writtenProd = await read("docker-compose.prod.yml");
const prod: Pick<Compose, "services" | "volumes"> = parse(writtenProd, { merge: true });
const lokiConfig = parse(await read("deploy/loki/config.yaml"));
const prometheus = parse(await read("deploy/prometheus/prometheus.yml"));
const dockerfile = await read("Dockerfile");
const packed = JSON.parse(await read("package.json")) as { version: string; engines: { node: string } };

const prodHead = writtenProd.slice(0, writtenProd.indexOf("services:"));

/** As `docker compose -f docker-compose.yml -f docker-compose.prod.yml` has them. */
const services: Record<string, Service> = { ...base.services };
for (const [name, over] of Object.entries(prod.services)) {
  const under = base.services[name] ?? {};
  services[name] = {
    ...under,
    ...over,
    volumes: [...(under.volumes ?? []), ...(over.volumes ?? [])],
    depends_on: { ...under.depends_on, ...over.depends_on },
  };
}
const each = Object.entries(services);
const ours = each.filter(([, { image }]) => image?.startsWith("loghunter:"));
const volumes = { ...base.volumes, ...prod.volumes };

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

test("the database is healthy when it takes connections from others, and not while it is laid out", () => {
  // The image lays it out with a server that listens on its socket alone, and stops that one.
  expect(services.postgres?.healthcheck?.test).toContain("--host=127.0.0.1");
});

test("the shipper keeps what it has read in a folder that is root's", () => {
  // A new volume is owned as the image's folder below it, and /var/lib/alloy is another account's, closed to a root that may only read.
  const { alloy } = services;
  expect(alloy).toMatchObject({ user: "root", cap_add: ["DAC_READ_SEARCH"] });
  expect(alloy?.volumes).toContain("alloy:/alloy");
  expect(alloy?.command).toContain("--storage.path=/alloy");
});

test("docs/recovery.md means services, volumes and an image that there are", async () => {
  const recovery = await read("docs/recovery.md");
  const named = [...recovery.matchAll(/--volume (\w+)_([\w-]+):/g)].filter(([, , name]) => name !== "broken");
  expect(new Set(named.map(([, , name]) => name))).toEqual(new Set(["backups", "base-backups", "postgres"]));
  for (const [, project, name = ""] of named)
    expect([project, Object.keys(volumes)]).toEqual([base.name, expect.arrayContaining([name])]);
  for (const [image] of recovery.matchAll(/postgres:\d+/g)) expect(image).toBe(services.postgres?.image);
  const commands = [
    ...recovery.matchAll(/^docker compose (?:stop|up --detach|run --rm --no-deps|exec) (\w.*)$/gm),
  ];
  expect(commands.length).toBeGreaterThan(4);
  for (const [, words = ""] of commands) {
    const [first, ...more] = words.split(/ +/);
    expect(Object.keys(services)).toContain(first);
    if (words.startsWith("bot ")) expect(Object.keys(services)).toEqual(expect.arrayContaining(more));
  }
});

test("the loop of base backups hears that it is to end", () => {
  // The first process of a container gets no signal that it does not ask for, and a shell asks for none.
  expect(services["base-backup"]).toMatchObject({ entrypoint: ["/bin/sh", expect.any(String)], init: true });
});

test("Prometheus shows the token that LogHunter asks for, without which there are no metrics beside Slack over HTTP", () => {
  const [{ authorization, static_configs: at }] = prometheus.scrape_configs;
  expect(authorization.credentials_file).toBe(services.bot?.environment?.METRICS_TOKEN_FILE);
  for (const { secrets } of [services.bot, services.prometheus] as Service[])
    expect(secrets).toContain(authorization.credentials_file.replace("/run/secrets/", ""));
  expect(at).toEqual([{ targets: ["bot:3141"] }]);
});

describe("what stands at the head", () => {
  test("makes every secret that is mounted, in whichever profile", () => {
    for (const { file } of Object.values(base.secrets)) expect(head).toContain(`> ${file.slice(2)}`);
  });

  test("has what it says of secrets in all that read the same settings", () => {
    expect(head).toContain("`secrets` of x-loghunter");
    for (const [name, { secrets }] of ours)
      expect([name, secrets]).toEqual([name, base["x-loghunter"].secrets]);
  });

  test("has each command mean both files where production's is over the first", () => {
    expect(prodHead).toContain("COMPOSE_FILE=docker-compose.yml:docker-compose.prod.yml\n");
    expect(prodHead).not.toContain("docker compose -f");
  });

  test("shows the address of the console, which is printed when LogHunter is ready", () => {
    expect(head).toMatch(/docker compose logs --follow bot$/m);
  });

  test("has LogHunter read the Loki that is beside it", () => {
    const [, host = "", port] = /LOKI_URL=http:\/\/(\w+):(\d+) /.exec(head) ?? [];
    expect(services[host]?.image).toMatch(/^grafana\/loki:/);
    expect(services[host]?.networks?.some((network) => services.bot?.networks?.includes(network))).toBe(true);
    expect(lokiConfig).toMatchObject({ server: { http_listen_port: Number(port) } });
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
