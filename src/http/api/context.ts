import type { OpenAPIHono } from "@hono/zod-openapi";
import type { VerifiedKey } from "../../keys/verifier.ts";

/** What the routes of the API know of a request. */
export interface ApiEnv {
  Variables: {
    /** Whose it is; there behind the door. */
    key: VerifiedKey;
    /** Of the client that is connected. */
    address: string;
    /** The route that it is for, once that has it: `GET /v1/jobs/{id}`. */
    route?: string;
    /** Names the request; one that is sent again with the same Idempotency-Key has the same. */
    onceId: string;
    /** What every answer to the request says above its body. */
    headers: Record<string, string>;
    /** What is answered is shown once, and not kept. */
    isSecret?: boolean;
  };
}

export type ApiApp = OpenAPIHono<ApiEnv>;
