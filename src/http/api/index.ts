import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { ClientAddress } from "../clientAddress.ts";
import { createApi } from "./api.ts";
import type { ApiApp } from "./context.ts";
import { createDoor, type DoorParts } from "./door.ts";
import { type AnalysisRouteParts, analysisRoutes } from "./routes/analyses.ts";
import { type AnomalyRouteParts, anomalyRoutes } from "./routes/anomalies.ts";
import { auditRoutes } from "./routes/audit.ts";
import { baselineRoutes } from "./routes/baselines.ts";
import { clusterRoutes } from "./routes/clusters.ts";
import { deployRoutes } from "./routes/deploys.ts";
import { filterRoutes } from "./routes/filters.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { type KeyRouteParts, keyRoutes } from "./routes/keys.ts";
import { type LogRouteParts, logRoutes } from "./routes/logs.ts";
import { muteRoutes } from "./routes/mutes.ts";
import { type WebhookRouteParts, webhookRoutes } from "./routes/webhooks.ts";

export interface HttpApiParts
  extends DoorParts,
    AnalysisRouteParts,
    AnomalyRouteParts,
    KeyRouteParts,
    LogRouteParts,
    WebhookRouteParts {
  version: string;
  clientAddress: ClientAddress;
  telemetry: Telemetry;
}

/** The HTTP API with all its routes. */
export function createHttpApi(parts: HttpApiParts): ApiApp {
  const { version, clientAddress, telemetry, log, now } = parts;
  return createApi({
    ...{ version, clientAddress, telemetry, log, now },
    door: createDoor(parts),
    routes: [
      ...analysisRoutes(parts),
      ...jobRoutes(parts),
      ...clusterRoutes(parts),
      ...anomalyRoutes(parts),
      ...muteRoutes(parts),
      ...baselineRoutes(),
      ...filterRoutes(),
      ...deployRoutes(parts),
      ...logRoutes(parts),
      ...webhookRoutes(parts),
      ...keyRoutes(parts),
      ...auditRoutes(parts),
    ],
  });
}
