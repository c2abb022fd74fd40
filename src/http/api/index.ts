import { createApi } from "./api.ts";
import type { ApiApp } from "./context.ts";
import { createDoor, type DoorParts } from "./door.ts";
import { clusterRoutes } from "./routes/clusters.ts";
import { deployRoutes } from "./routes/deploys.ts";

export interface HttpApiParts extends DoorParts {
  version: string;
}

/** The HTTP API with all its routes. */
export function createHttpApi(parts: HttpApiParts): ApiApp {
  const { version, log, now } = parts;
  return createApi({
    ...{ version, log, now },
    door: createDoor(parts),
    routes: [...clusterRoutes(parts), ...deployRoutes(parts)],
  });
}
