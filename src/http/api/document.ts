import { SCOPES } from "../../keys/scopes.ts";
import type { ApiApp } from "./context.ts";

/** The OpenAPI 3.1 document of all routes: https://spec.openapis.org/oas/v3.1.1 */
export function documentOf(api: ApiApp, version: string): object {
  api.openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "lh_<key id>_<secret>_<checksum>",
    description: `An API key, made in the key channel of a chat workspace. Scopes: ${Object.entries(SCOPES)
      .map(([scope, what]) => `\`${scope}\` ${what}`)
      .join("; ")}.`,
  });
  return api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "LogHunter",
      version,
      description: "Root causes, anomalies and what belongs to them, for programs. Times are ISO 8601, UTC.",
    },
    servers: [{ url: "/" }],
  });
}
