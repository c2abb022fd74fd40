import { createRoute, z } from "@hono/zod-openapi";
import { Problem } from "./problem.ts";

/** What is there for everybody, before they have a key. */
const OPEN = { method: "get" as const, security: [], tags: ["open"] };

const UNREADABLE = {
  description: "The request cannot be read.",
  content: { "application/problem+json": { schema: Problem } },
};

export const HEALTH = createRoute({
  ...OPEN,
  path: "/health",
  operationId: "getHealth",
  summary: "That the API answers",
  responses: {
    400: UNREADABLE,
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
    400: UNREADABLE,
    200: {
      description: "OpenAPI 3.1.",
      content: { "application/json": { schema: z.looseObject({ openapi: z.string() }) } },
    },
  },
});
