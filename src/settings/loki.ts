import { z } from "zod";
import { address, label, text, yesNo } from "./values.ts";

/** Where logs are read, and how. */
export const LOKI_SETTINGS = {
  lokiUrl: {
    name: "LOKI_URL",
    unset: "log files (LOGS), else the recorded incidents",
    description:
      "Grafana Loki, or the gateway before it: `https://loki.example.com`, with a path where it has one",
    schema: address,
  },
  lokiUsername: {
    name: "LOKI_USERNAME",
    unset: "no user",
    description: "User of a gateway (Grafana Cloud: the number of the instance)",
    schema: text,
  },
  lokiPassword: { name: "LOKI_PASSWORD", unset: "no password", description: "Its password", schema: text },
  lokiToken: {
    name: "LOKI_TOKEN",
    unset: "no token",
    description: "A bearer token, instead of a user and a password",
    schema: text,
  },
  lokiCaFile: {
    name: "LOKI_CA_FILE",
    unset: "the system's authorities",
    description: "PEM file of the authority that signed Loki's certificate",
    schema: text,
  },
  lokiCertFile: {
    name: "LOKI_CERT_FILE",
    unset: "no client certificate",
    description: "PEM file of a client certificate, with LOKI_KEY_FILE",
    schema: text,
  },
  lokiKeyFile: { name: "LOKI_KEY_FILE", unset: "no key", description: "PEM file of its key", schema: text },
  lokiProxy: {
    name: "LOKI_PROXY",
    unset: "no proxy",
    description: "HTTP proxy on the way to Loki: `http://proxy:3128`",
    schema: address,
  },
  lokiTenantsFile: {
    name: "LOKI_TENANTS_FILE",
    unset: "the settings above for all",
    description: "JSON file with connections of single organisations ([docs/loki.md](docs/loki.md))",
    schema: text,
  },
  lokiServiceLabel: {
    name: "LOKI_SERVICE_LABEL",
    unset: "found: service_name, service, app…",
    description: "Label that holds a line's service",
    schema: label,
  },
  lokiNamespaceLabel: {
    name: "LOKI_NAMESPACE_LABEL",
    unset: "found: namespace…",
    description: "Label that holds its namespace",
    schema: label,
  },
  lokiLevelLabel: {
    name: "LOKI_LEVEL_LABEL",
    unset: "found: level, severity…",
    description: "Label that holds its level",
    schema: label,
  },
  lokiMultiTenant: {
    name: "LOKI_MULTI_TENANT",
    unset: "`no`",
    description:
      "`yes` lets an organisation be several at once (`a\\|b`), where Loki has multi_tenant_queries_enabled",
    schema: yesNo,
  },
  lokiConcurrency: {
    name: "LOKI_CONCURRENCY",
    unset: "`3`",
    description: "Queries of one organisation at once, 1 to 16",
    schema: z.coerce.number().int().min(1).max(16),
  },
  lokiTimeoutSeconds: {
    name: "LOKI_TIMEOUT_SECONDS",
    unset: "Loki's own query_timeout and 5",
    description: "How long a query to Loki may take",
    schema: z.coerce.number().int().min(1).max(600),
  },
  lokiCacheSeconds: {
    name: "LOKI_CACHE_SECONDS",
    unset: "`60`",
    description: "How long an answer of Loki is kept in the cache; 0 for not at all",
    schema: z.coerce.number().int().min(0).max(3_600),
  },
} as const;

/** Links to the Grafana that shows the same logs. */
export const GRAFANA_SETTINGS = {
  grafanaUrl: {
    name: "GRAFANA_URL",
    unset: "no links",
    description: "Grafana that shows the same Loki: cards then link to Explore, with GRAFANA_DATASOURCE",
    schema: address,
  },
  grafanaDatasource: {
    name: "GRAFANA_DATASOURCE",
    unset: "no links",
    description: "uid of the Loki data source in it, as the address of its settings page ends",
    schema: text,
  },
  grafanaOrgId: {
    name: "GRAFANA_ORG_ID",
    unset: "`1`",
    description: "Number of the organisation in Grafana",
    schema: z.coerce.number().int().min(1),
  },
  grafanaExplore: {
    name: "GRAFANA_EXPLORE",
    unset: "`panes`",
    description: "Form of the links: `panes` since Grafana 10, `left` before it",
    schema: z.enum(["panes", "left"]),
  },
} as const;
