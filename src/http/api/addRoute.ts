import { createRoute, z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { KeyScope } from "../../keys/scopes.ts";
import type { VerifiedKey } from "../../keys/verifier.ts";
import { answer } from "./answer.ts";
import type { ApiApp, ApiEnv } from "./context.ts";
import type { Door } from "./door.ts";
import { Problem, unreadable } from "./problem.ts";

/** A route below /v1: what it takes and gives, for the server and for the OpenAPI document alike, and what it does. */
export interface Route<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  method: "get" | "post" | "put" | "delete";
  /** As OpenAPI writes it: `/jobs/{id}`. */
  path: string;
  summary: string;
  /** What a key needs for it; absent: any key will do. */
  scope?: KeyScope;
  params?: Params;
  query?: Query;
  body?: Body;
  /** 200 unless said. */
  status?: 200 | 201 | 202;
  answer: Answer;
  /** The answer holds what is shown once: it is not kept, nor given again where the request is sent again. */
  isSecret?: true;
  /** The address of what was made, for the header Location. */
  location?(answer: z.input<Answer>): string;
  run(given: Given<Params, Query, Body>): Promise<z.input<Answer>>;
}

/** One request, its key already let in and all of it read. */
export interface Given<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  key: VerifiedKey;
  address: string;
  params: z.output<Params>;
  query: z.output<Query>;
  body: z.output<Body>;
  /** Names this request: one that is sent again with the same Idempotency-Key has the same. */
  onceId: string;
}

/** Keeps the types of a route's schemas for its `run`. */
export function route<
  Answer extends z.ZodType,
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
>(defined: Route<Params, Query, Body, Answer>): Route {
  return defined as unknown as Route;
}

export interface Guards {
  door: Door;
  /**
   * Does a request once that is sent again.
   * @param locationOf the header Location of an answer
   */
  once(locationOf: (answer: unknown) => string | undefined): MiddlewareHandler<ApiEnv>;
}

/** Adds a route behind the door. */
export function addRoute(app: ApiApp, { door, once }: Guards, defined: Route): void {
  const { method, path, summary, scope, params, query, body, status = 200, answer: answerSchema } = defined;
  const locationOf = (said: unknown) =>
    defined.location === undefined
      ? undefined
      : `/v1${defined.location(said as z.input<typeof answerSchema>)}`;
  const route = `${method.toUpperCase()} /v1${path}`;
  const letIn: MiddlewareHandler<ApiEnv> = (context, next) => {
    context.set("route", route);
    return door.letIn(context, next);
  };
  const described = createRoute({
    method,
    path,
    summary,
    operationId: `${method} ${path}`
      .replaceAll(/[^a-z]+([a-z])/gi, (_, letter: string) => letter.toUpperCase())
      .replaceAll("}", ""),
    description: scope === undefined ? "Any key will do." : `Needs a key with the scope \`${scope}\`.`,
    tags: [path.split("/")[1] ?? ""],
    security: [{ apiKey: scope === undefined ? [] : [scope] }],
    middleware: [
      letIn,
      ...(scope === undefined ? [] : [door.needs(scope)]),
      ...(method === "post" ? [once(locationOf)] : []),
    ],
    request: {
      ...(params !== undefined && { params }),
      ...(query !== undefined && { query }),
      ...(method === "post" && { headers: Once }),
      ...(body !== undefined && {
        body: { required: true, content: { "application/json": { schema: body } } },
      }),
    },
    responses: {
      [status]: { description: "Done.", content: { "application/json": { schema: answerSchema } } },
      ...refusals([
        ...[400, 401, 403, 422, 429, 500, 503],
        ...(params === undefined ? [] : [404]),
        ...(method === "post" || method === "put" ? [409] : []),
        // Whatever is sent along is read, and has to be JSON, also where nothing is asked for.
        ...(method === "get" ? [] : [413, 415]),
      ]),
    },
  });
  // The types of a route that is given as data say nothing of its answer; its schema does.
  const handler = async (context: Context<ApiEnv>) => {
    const stray = query === undefined ? Nothing.safeParse(context.req.query()) : undefined;
    if (stray?.success === false) return unreadable(context, stray.error);
    const given = {
      ...{ key: context.get("key"), address: context.get("address"), onceId: context.get("onceId") },
      params: params === undefined ? {} : validOf(context, "param"),
      query: query === undefined ? {} : validOf(context, "query"),
      body: body === undefined ? {} : validOf(context, "json"),
    };
    if (defined.isSecret) context.set("isSecret", true);
    const said = await defined.run(given);
    // What is not in the schema does not leave.
    const told = JSON.stringify(answerSchema.parse(said));
    const location = locationOf(said);
    if (location !== undefined) context.get("headers").location = location;
    return answer(context, status, told);
  };
  app.openapi(described, handler as never);
}

function validOf(context: Context<ApiEnv>, part: "param" | "query" | "json"): Record<string, unknown> {
  return context.req.valid(part as never);
}

const Nothing = z.strictObject({});

/** Of requests that are to be done once. */
const Once = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[!-~]{1,200}$/, "1 to 200 letters, digits and signs, without spaces")
    .optional()
    .openapi({
      description: "A request that is sent again with the same key is done once, and answered the same.",
    }),
});

const WHY: Record<number, string> = {
  400: "The request cannot be read.",
  401: "No valid API key.",
  403: "The key has not the scope.",
  404: "There is no such thing.",
  409: "It is in hand, or stands against something that is there.",
  413: "The body is too large.",
  415: "The body is not JSON.",
  422: "The request cannot be done.",
  429: "Too many requests; Retry-After says when to come again.",
  500: "Something went wrong on LogHunter's side.",
  503: "LogHunter cannot answer just now.",
};

function refusals(codes: readonly number[]) {
  const content = { "application/problem+json": { schema: Problem } };
  return Object.fromEntries(
    codes.toSorted((a, b) => a - b).map((code) => [code, { description: WHY[code] ?? "", content }]),
  );
}
