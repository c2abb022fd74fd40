import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import {
  base,
  goesOut,
  head,
  ours,
  prodHead,
  read,
  type Service,
  services,
  volumes,
} from "../support/compose.ts";

const lokiConfig = parse(await read("deploy/loki/config.yaml"));
const prometheus = parse(await read("deploy/prometheus/prometheus.yml"));

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

test("the shipper names containers by what their log driver writes beside each line, and no log fills the disk", async () => {
  const shipped = await read("deploy/alloy/config.alloy");
  const asked = [...shipped.matchAll(/attrs\.\\"([\w.]+)\\"/g)].map(([, label]) => label).join();
  expect(asked).toBe("com.docker.compose.project,com.docker.compose.service");
  expect(await read("docs/operating.md")).toContain(`"labels": "${asked}"`);
  const options = { labels: asked, "max-size": "10m", "max-file": "5" };
  for (const [name, { logging }] of Object.entries(services))
    expect([name, logging]).toEqual([name, { driver: "json-file", options }]);
});

test("what a recovery sets is what is taken out again", async () => {
  const recovery = await read("docs/recovery.md");
  const set = [...recovery.matchAll(/^(re(?:store|covery)_\w+) = '/gm)].map(([, name]) => name);
  expect(set).toContain("recovery_target_timeline");
  expect([...recovery.matchAll(/alter system reset (\w+)/g)].map(([, name]) => name)).toEqual(set);
});

test("LogHunter finds what runs on the machine beside Docker by the name that the docs give", async () => {
  const [, host = ""] =
    /OLLAMA_BASE_URL=http:\/\/([\w.]*docker[\w.]*):/.exec(await read("docs/operating.md")) ?? [];
  expect(services.bot?.extra_hosts).toEqual([`${host}:host-gateway`]);
});

test("docs/recovery.md and docs/operating.md mean services, volumes and an image that there are", async () => {
  const recovery = await read("docs/recovery.md");
  const operating = await read("docs/operating.md");
  const named = [...recovery.matchAll(/--volume (\w+)_([\w-]+):/g)].filter(([, , name]) => name !== "broken");
  expect(new Set(named.map(([, , name]) => name))).toEqual(new Set(["backups", "base-backups", "postgres"]));
  for (const [, project, name = ""] of named)
    expect([project, Object.keys(volumes)]).toEqual([base.name, expect.arrayContaining([name])]);
  for (const [image] of recovery.matchAll(/postgres:\d+/g)) expect(image).toBe(services.postgres?.image);
  const commands = [
    ...`${recovery}\n${operating}`.matchAll(
      /^docker compose (?:stop|up --detach|run --rm(?: --no-deps)?|exec) (\w.*)$/gm,
    ),
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

test("Prometheus reaches an Alertmanager, for which its file has a place", async () => {
  expect(goesOut(services.prometheus as Service)).toBe(true);
  expect(goesOut(services.loki as Service)).toBe(false);
  const written = await read("deploy/prometheus/prometheus.yml");
  const meant = parse(written.replaceAll(/^# (?=alerting:| {2})/gm, ""));
  expect(meant.alerting.alertmanagers[0].static_configs[0].targets).toHaveLength(1);
  expect(meant).toMatchObject(prometheus);
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
