import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Environment } from "./config.ts";
import { UserError } from "./errors.ts";

const Connection = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  token: z.string().optional(),
  caFile: z.string().optional(),
  certFile: z.string().optional(),
  keyFile: z.string().optional(),
  proxy: z.url({ protocol: /^https?$/ }).optional(),
});
const Connections = z.record(z.string(), Connection);

/** How Loki is reached, as the environment says it; undefined where it names none. @throws UserError */
export async function lokiOptions(env: Environment) {
  if (env.lokiUrl === undefined) return undefined;
  const shared = {
    url: env.lokiUrl,
    ...(env.lokiUsername !== undefined && { username: env.lokiUsername }),
    ...(env.lokiPassword !== undefined && { password: env.lokiPassword }),
    ...(env.lokiToken !== undefined && { token: env.lokiToken }),
    ...(env.lokiCaFile !== undefined && { caFile: env.lokiCaFile }),
    ...(env.lokiCertFile !== undefined && { certFile: env.lokiCertFile }),
    ...(env.lokiKeyFile !== undefined && { keyFile: env.lokiKeyFile }),
    ...(env.lokiProxy !== undefined && { proxy: env.lokiProxy }),
  };
  const own = env.lokiTenantsFile === undefined ? {} : await readConnections(env.lokiTenantsFile);
  return {
    connection: shared,
    // What one organisation does not say is as for all, but for the credentials: those of others are not sent along.
    connections: Object.fromEntries(
      Object.entries(own).map(([org, said]) => {
        const { username: _, password: __, token: ___, ...rest } = shared;
        return [org, { ...rest, ...defined(said) }];
      }),
    ),
    labels: {
      ...(env.lokiServiceLabel !== undefined && { service: env.lokiServiceLabel }),
      ...(env.lokiNamespaceLabel !== undefined && { namespace: env.lokiNamespaceLabel }),
      ...(env.lokiLevelLabel !== undefined && { level: env.lokiLevelLabel }),
    },
    multiTenant: env.lokiMultiTenant ?? false,
    ...(env.lokiConcurrency !== undefined && { concurrency: env.lokiConcurrency }),
    ...(env.lokiTimeoutSeconds !== undefined && { timeoutMs: env.lokiTimeoutSeconds * 1_000 }),
    ...(env.lokiCacheSeconds !== undefined && { cacheMs: env.lokiCacheSeconds * 1_000 }),
    ...(env.grafanaUrl !== undefined &&
      env.grafanaDatasource !== undefined && {
        grafana: {
          url: env.grafanaUrl,
          datasource: env.grafanaDatasource,
          orgId: env.grafanaOrgId ?? 1,
          form: env.grafanaExplore ?? ("panes" as const),
        },
      }),
  };
}

type Said = z.infer<typeof Connection>;
/** JSON knows no undefined, so what the schema calls optional is there or is not. */
type Defined = { [Key in keyof Said]: Exclude<Said[Key], undefined> };

function defined(said: Said): Defined {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Defined;
}

async function readConnections(file: string): Promise<Record<string, Said>> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UserError("The file of LOKI_TENANTS_FILE cannot be read. Correct its path or its rights.", {
      cause,
    });
  });
  try {
    return Connections.parse(JSON.parse(text));
  } catch {
    // Neither what is wrong with it nor where: it holds passwords.
    throw new UserError(
      'LOKI_TENANTS_FILE must be JSON such as {"acme": {"username": "…", "password": "…"}}; docs/loki.md lists what may stand in it.',
    );
  }
}
