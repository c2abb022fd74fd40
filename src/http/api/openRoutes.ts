import { createRoute, z } from "@hono/zod-openapi";

/** What is there for everybody, before they have a key. */
const OPEN = { method: "get" as const, security: [], tags: ["open"] };

export const HEALTH = createRoute({
  ...OPEN,
  path: "/health",
  operationId: "getHealth",
  summary: "That the API answers",
  responses: {
    200: {
      description: "It does.",
      content: { "application/json": { schema: z.strictObject({ status: z.literal("ok") }) } },
    },
  },
});

export const DOCUMENT = createRoute({
  ...OPEN,
  path: "/openapi.json",
  operationId: "getDocument",
  summary: "This document",
  responses: {
    200: {
      description: "OpenAPI 3.1.",
      content: { "application/json": { schema: z.looseObject({ openapi: z.string() }) } },
    },
  },
});
