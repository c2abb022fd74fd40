import { createApi } from "./api.ts";
import type { ApiApp } from "./context.ts";
import { createDoor, type DoorParts } from "./door.ts";
import { type AnomalyRouteParts, anomalyRoutes } from "./routes/anomalies.ts";
import { auditRoutes } from "./routes/audit.ts";
import { baselineRoutes } from "./routes/baselines.ts";
import { clusterRoutes } from "./routes/clusters.ts";
import { deployRoutes } from "./routes/deploys.ts";
import { filterRoutes } from "./routes/filters.ts";
import { type KeyRouteParts, keyRoutes } from "./routes/keys.ts";
import { muteRoutes } from "./routes/mutes.ts";

export interface HttpApiParts extends DoorParts, AnomalyRouteParts, KeyRouteParts {
  version: string;
}

/** The HTTP API with all its routes. */
export function createHttpApi(parts: HttpApiParts): ApiApp {
  const { version, log, now } = parts;
  return createApi({
    ...{ version, log, now },
    door: createDoor(parts),
    routes: [
      ...clusterRoutes(parts),
      ...anomalyRoutes(parts),
      ...muteRoutes(parts),
      ...baselineRoutes(),
      ...filterRoutes(),
      ...deployRoutes(parts),
      ...keyRoutes(parts),
      ...auditRoutes(parts),
    ],
  });
}
