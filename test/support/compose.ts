import { readFile } from "node:fs/promises";
import { parse } from "yaml";

export interface Service {
  image?: string;
  build?: string;
  pull_policy?: string;
  user?: string;
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  networks?: string[];
  network_mode?: string;
  extra_hosts?: string[];
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
  logging?: { driver: string; options: Record<string, string> };
}
interface Compose {
  name: string;
  "x-loghunter": Service;
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, object>;
  secrets: Record<string, { file: string }>;
}

export const root = new URL("../../", import.meta.url);
export const read = (file: string) => readFile(new URL(file, root), "utf8");
const written = await read("docker-compose.yml");
export const head = written.slice(0, written.indexOf("name: loghunter"));
export const base: Compose = parse(written, { merge: true });
const writtenProd = await read("docker-compose.prod.yml");
const prod: Pick<Compose, "services" | "volumes"> = parse(writtenProd, { merge: true });

export const prodHead = writtenProd.slice(0, writtenProd.indexOf("services:"));

/** As `docker compose -f docker-compose.yml -f docker-compose.prod.yml` has them. */
export const services: Record<string, Service> = { ...base.services };
for (const [name, over] of Object.entries(prod.services)) {
  const under = base.services[name] ?? {};
  services[name] = {
    ...under,
    ...over,
    volumes: [...(under.volumes ?? []), ...(over.volumes ?? [])],
    depends_on: { ...under.depends_on, ...over.depends_on },
  };
}
export const each = Object.entries(services);
export const ours = each.filter(([, { image }]) => image?.startsWith("loghunter:"));
/** Whether it reaches what is not in its networks. */
export const goesOut = ({ networks = [] }: Service) =>
  networks.some((network) => base.networks[network]?.internal !== true);
export const volumes = { ...base.volumes, ...prod.volumes };
