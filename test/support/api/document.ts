import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

/** A JSON Schema as the API's document has it, or a part of one. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  example?: unknown;
  examples?: unknown[];
  default?: unknown;
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: JsonSchema;
  example?: unknown;
}

type Content = Record<string, { schema: JsonSchema; example?: unknown }>;

/** One method of one path. */
export interface Operation {
  /** In capitals. */
  method: string;
  /** As it stands in the document: `/v1/jobs/{id}`. */
  path: string;
  operationId?: string;
  summary?: string;
  security?: Record<string, string[]>[];
  parameters: Parameter[];
  body?: JsonSchema;
  responses: Record<string, { description: string; content?: Content }>;
}

/** The OpenAPI document that an API serves. */
export interface ApiDocument {
  whole: object;
  schemas: Record<string, JsonSchema>;
  operations: Operation[];
}

interface Served {
  paths: Record<
    string,
    Record<
      string,
      Omit<Operation, "body" | "parameters"> & {
        parameters?: Parameter[];
        requestBody?: { content: Content };
      }
    >
  >;
  components: { schemas: Record<string, JsonSchema> };
}

export async function readDocument(apiUrl: string): Promise<ApiDocument> {
  const served = (await (await fetch(`${apiUrl}/v1/openapi.json`)).json()) as Served;
  return {
    whole: served,
    schemas: served.components.schemas,
    operations: Object.entries(served.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { requestBody, parameters = [], ...rest }]) => {
        const body = requestBody?.content["application/json"]?.schema;
        return {
          ...rest,
          method: method.toUpperCase(),
          path,
          parameters,
          ...(body !== undefined && { body }),
        };
      }),
    ),
  };
}

/** The scope that a key needs for it; undefined: any key will do, or none. */
export function scopeOf({ security }: Operation): string | undefined {
  return security?.flatMap((one) => Object.values(one).flat())[0];
}

/** How the document writes an operation: `GET /v1/jobs/{id}`. */
export function nameOf({ method, path }: Operation): string {
  return `${method} ${path}`;
}

/** The operation that serves a path. @param path with or without a query */
export function operationOf(
  { operations }: ApiDocument,
  method: string,
  path: string,
): Operation | undefined {
  const [bare = ""] = path.split("?", 1);
  return operations.find(
    (one) => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(bare),
  );
}

/** What an answer is held against. */
export interface Answered {
  status: number;
  /** The header; undefined where there is none. */
  type: string | undefined;
  text: string;
}

/** Holds answers and examples against the schemas of a document. */
export interface DocumentCheck {
  /** @returns what is wrong with it; undefined where it is as the document says */
  answerFault(operation: Operation, answer: Answered): string | undefined;
  /** @returns what is wrong with the value; undefined where it is as the schema says */
  valueFault(schema: JsonSchema, value: unknown): string | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/** Strict: a word that JSON Schema does not know, such as OpenAPI 3.0's `nullable`, is an error. */
export function createDocumentCheck({ schemas }: Pick<ApiDocument, "schemas">): DocumentCheck {
  const ajv = new Ajv2020({
    strict: true,
    // zod writes nullable enums and unions of types as such.
    allowUnionTypes: true,
    allErrors: true,
    formats: {
      uuid: UUID,
      "date-time": (text: string) => DATE_TIME.test(text) && Number.isFinite(Date.parse(text)),
    },
    // OpenAPI's own, beside JSON Schema's `examples`.
    keywords: ["example"],
  });
  ajv.addSchema({ $id: "document", $defs: withRefs(schemas) });
  const compiled = new WeakMap<JsonSchema, ValidateFunction>();

  function valueFault(schema: JsonSchema, value: unknown): string | undefined {
    const check = compiled.get(schema) ?? ajv.compile(withRefs(schema));
    compiled.set(schema, check);
    return check(value) ? undefined : ajv.errorsText(check.errors);
  }

  return {
    valueFault,
    answerFault(operation, { status, type, text }) {
      const documented = operation.responses[status];
      if (documented === undefined) return `${status} is not in the document`;
      const mediaType = type?.split(";", 1)[0] ?? "";
      const content = documented.content?.[mediaType];
      if (content === undefined) return `${status} is not to be answered with "${mediaType}"`;
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        return `${status} is not JSON: ${text.slice(0, 100)}`;
      }
      return valueFault(content.schema, value);
    },
  };
}

/** The same with references as Ajv was given what they point at. */
function withRefs(schema: object): object {
  return JSON.parse(
    JSON.stringify(schema).replaceAll('"$ref":"#/components/schemas/', '"$ref":"document#/$defs/'),
  );
}
