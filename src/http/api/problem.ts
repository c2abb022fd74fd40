import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { withoutOwnKeys } from "../../logs/redaction/ownKeys.ts";
import { wordsOf } from "../../zodWords.ts";
import { answer } from "./answer.ts";
import type { ApiEnv } from "./context.ts";

/** What went wrong, for programs and for people: https://www.rfc-editor.org/rfc/rfc9457 */
export const Problem = z
  .strictObject({
    type: z.string().openapi({ example: "urn:loghunter:not-found" }),
    title: z.string(),
    status: z.number().int(),
    /** What to do about it. */
    detail: z.string(),
    /** What is wrong with which part of the request. */
    errors: z.array(z.strictObject({ at: z.string(), why: z.string() })).optional(),
  })
  .openapi("Problem");
export type Problem = z.infer<typeof Problem>;

const TITLES = {
  "bad-request": [400, "The request cannot be read"],
  unauthorized: [401, "No valid API key"],
  forbidden: [403, "The API key may not do this"],
  "not-found": [404, "There is no such thing"],
  "method-not-allowed": [405, "It is not done in this way"],
  conflict: [409, "It stands against something that is there"],
  "too-large": [413, "The request is too large"],
  "unsupported-media-type": [415, "The body is not JSON"],
  unprocessable: [422, "The request cannot be done"],
  "too-many-requests": [429, "Too many requests"],
  internal: [500, "Something went wrong on LogHunter's side"],
  unavailable: [503, "LogHunter cannot answer just now"],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;
export type ProblemKind = keyof typeof TITLES;

export function problemOf(kind: ProblemKind, detail: string, errors?: Problem["errors"]): Problem {
  const [status, title] = TITLES[kind];
  return {
    ...{ type: `urn:loghunter:${kind}`, title, status },
    // What is wrong is quoted, and answers are kept to be given again.
    detail: withoutOwnKeys(detail),
    ...(errors !== undefined && {
      errors: errors.map(({ at, why }) => ({ at: withoutOwnKeys(at), why: withoutOwnKeys(why) })),
    }),
  };
}

/** The answer that says so. */
export function problem(
  context: Context<ApiEnv>,
  kind: ProblemKind,
  detail: string,
  { headers = {}, errors }: { headers?: Record<string, string>; errors?: Problem["errors"] } = {},
): Response {
  const told = problemOf(kind, detail, errors);
  return answer(context, told.status, JSON.stringify(told), {
    ...headers,
    "content-type": "application/problem+json",
  });
}

/** The answer to what does not keep to its schema. */
export function unreadable(context: Context<ApiEnv>, { issues }: z.core.$ZodError): Response {
  const errors = issues.map((issue) => ({ at: issue.path.join("."), why: wordsOf(issue) }));
  const [first] = errors;
  return problem(context, "bad-request", first === undefined ? "It cannot be read." : sentence(first), {
    errors,
  });
}

function sentence({ at, why }: { at: string; why: string }): string {
  return at === "" ? `${why.charAt(0).toUpperCase()}${why.slice(1)}.` : `${at}: ${why}.`;
}

/** Thrown anywhere in a route, answered as it is. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly kind: ProblemKind;
  constructor(kind: ProblemKind, detail: string) {
    super(detail);
    this.kind = kind;
  }
}

export function refuse(kind: ProblemKind, detail: string): Refusal {
  return new Refusal(kind, detail);
}
