import type { JsonSchema } from "../../test/support/api/document.ts";
import { createHostileStrings } from "../hostileStrings.ts";
import type { Random } from "./random.ts";

/** Makes values of a schema, and values that are not quite of it. */
export interface Values {
  valid(schema: JsonSchema, name: string): unknown;
  /** Of no schema: a text, most of the time. */
  odd(): unknown;
  oddText(): string;
  /** A value with something in it changed. */
  spoilt(value: unknown): unknown;
}

/** Things that are there, by the name of the field that asks for them, or by the first word of the path. */
export type Things = Readonly<Record<string, readonly string[]>>;

/** Values of the fields that have a pattern. */
const PATTERNED = [
  ...["0s", "1s", "5m", "90m", "1h", "6h", "24h", "7d", "0d", "8d", "9999d", "9999h"],
  ...["0", "1", "2", "50", "200", "201", "000", "007", "999"],
  ...["key", "access", "channel", "tenant", "nothing", "service", "service_name", "app", "_", "__proto__"],
  ...["constructor", "toString", "hasOwnProperty", "once-1", "once-2", "once-3", "!~", "k".repeat(200)],
];
/** What each object of JavaScript has, or had. */
const INHERITED = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__"];
const TIMES_MS = [
  0, -1_000, -60_000, -3_600_000, -86_400_000, -604_800_000, -604_801_000, 240_000, 3_600_000,
];
const ODD_TEXTS = [
  ...[
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udc00a",
    "\ufeff",
    "\u202e",
    "\u2028",
    "😀",
    "é",
    "İ",
    "ß",
    "𝕏",
    "null",
  ],
  ...[
    "undefined",
    "NaN",
    "true",
    "-1",
    "1e309",
    "0x10",
    ".",
    "..",
    "../..",
    "/",
    "\\",
    "%",
    "%00",
    "*",
    "%s%n",
  ],
  ...[
    "' or 1=1 --",
    "'; drop table api_keys; --",
    "$1",
    "#{x}",
    "{{x}}",
    "<script>",
    "a\r\nb: c",
    "password=hunter2",
  ],
  ...["3f0c1c1e-7c0b-4a55-9e57-0d6a4f2f9a1", "3F0C1C1E-7C0B-4A55-9E57-0D6A4F2F9A10", "2026-02-30T00:00:00Z"],
  ...[
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "2026-01-31T14:00:00+23:59",
    "2026-01-31",
    "-271821-04-20",
  ],
];
const ODD_VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e308,
    Number.MAX_SAFE_INTEGER,
    721,
    "x",
    [],
    {},
    [[]],
    [null],
    [1, "a"],
  ],
  ...[{ length: 1 }, { toString: "x" }, { $ref: "#" }, "1", "true", ["checkout"]],
];

export interface ValuesParts {
  random: Random;
  seed: number;
  /** What references point at. */
  schemas: Readonly<Record<string, JsonSchema>>;
  things: Things;
  now: () => number;
}

export function createValues({ random, seed, schemas, things, now }: ValuesParts): Values {
  const hostile = createHostileStrings(seed);

  function oddText(): string {
    switch (random.below(12)) {
      case 0:
        return random.of(ODD_TEXTS).repeat(1 + random.below(80));
      case 1:
        return hostile.next().slice(0, 4_000);
      case 2:
        return "x".repeat(random.of([199, 200, 201, 301, 2_000, 9_000]));
      default:
        return random.of(ODD_TEXTS);
    }
  }

  function text(schema: JsonSchema, name: string): string {
    const { pattern, format, minLength = 0, maxLength = 300 } = schema;
    if (format === "date-time") return new Date(now() + random.of(TIMES_MS)).toISOString();
    const known = (Object.hasOwn(things, name) ? (things[name] ?? []) : []).filter(
      ({ length }) => length <= maxLength,
    );
    if (known.length > 0 && !random.oneIn(4)) return random.of(known);
    if (format === "uuid") return "3f0c1c1e-7c0b-4a55-9e57-0d6a4f2f9a10";
    if (pattern !== undefined) {
      const fitting = PATTERNED.filter((one) => new RegExp(pattern).test(one));
      // A new pattern is to be met by something, or its route is never asked in earnest.
      if (fitting.length === 0) throw new Error(`nothing of PATTERNED fits ${name}: ${pattern}`);
      return random.of(fitting);
    }
    const made = random.oneIn(3)
      ? random.of(["a", "checkout", "timeout", "2.4.1", "Ünïcode ✓"])
      : hostile.next();
    return made.padEnd(minLength, "x").slice(0, maxLength);
  }

  function valid(given: JsonSchema, name: string): unknown {
    const schema = given.$ref === undefined ? given : (schemas[given.$ref.split("/").at(-1) ?? ""] ?? {});
    if (schema.enum !== undefined) return random.of(schema.enum);
    const type = Array.isArray(schema.type) ? random.of(schema.type) : schema.type;
    switch (type) {
      case "object":
        return object(schema);
      case "array":
        return Array.from({ length: random.below(Math.min(schema.maxItems ?? 4, 12) + 1) }, () =>
          valid(schema.items ?? {}, name),
        );
      case "integer":
      case "number": {
        const { minimum = 0, maximum = 1_000 } = schema;
        return random.of([minimum, maximum, minimum + random.below(maximum - minimum + 1)]);
      }
      case "boolean":
        return random.oneIn(2);
      case "null":
        return null;
      default:
        return text(schema, name);
    }
  }

  function object({ properties = {}, required = [], additionalProperties }: JsonSchema): object {
    const given = Object.entries(properties)
      .filter(([name]) => required.includes(name) || random.oneIn(2))
      .map(([name, schema]) => [name, valid(schema, name)]);
    if (typeof additionalProperties === "object")
      for (const name of ["service", random.of(["app", "severity", ...INHERITED])])
        given.push([name, valid(additionalProperties, name)]);
    return fromEntries(given as [string, unknown][]);
  }

  function odd(): unknown {
    return random.oneIn(3) ? random.of(ODD_VALUES) : oddText();
  }

  function spoilt(value: unknown): unknown {
    if (Array.isArray(value) && value.length > 0 && !random.oneIn(3)) {
      const at = random.below(value.length);
      return value.map((one, index) => (index === at ? spoilt(one) : one));
    }
    if (Array.isArray(value) && random.oneIn(2)) return Array.from({ length: 600 }, () => value[0] ?? odd());
    if (typeof value !== "object" || value === null) return near(value);
    const entries = Object.entries(value);
    const at = random.below(Math.max(1, entries.length));
    switch (random.below(6)) {
      case 0:
        return fromEntries(entries.filter((_, index) => index !== at));
      case 1:
        return fromEntries([...entries, [random.of([...INHERITED, "nonsense", "", "service"]), odd()]]);
      case 2:
        return fromEntries([
          ...entries,
          ["__proto__", { service: "checkout", graceHours: 0, scopes: ["admin:keys"] }],
        ]);
      case 3:
        return deep(10 + random.below(20_000));
      default:
        return fromEntries(entries.map(([name, one], index) => [name, index === at ? spoilt(one) : one]));
    }
  }

  function near(value: unknown): unknown {
    if (random.oneIn(3)) return odd();
    if (typeof value === "number") return value + random.of([-1, 1, 0.5, 1e6, -1e6]);
    if (typeof value !== "string") return odd();
    switch (random.below(7)) {
      case 0:
        return value.slice(0, -1);
      case 1:
        return value + random.of(["x", "\0", " ", "\ud800", "\n", "."]);
      case 2:
        return value.toUpperCase();
      case 3:
        return [value];
      case 4:
        return value.padEnd(random.of([201, 301, 10_000, 100_000]), value || "x");
      case 5:
        return value.split("").reverse().join("");
      default:
        return ` ${value}`;
    }
  }

  function deep(levels: number): unknown {
    let inner: unknown = 1;
    // No deeper than what JSON.stringify here can write: deeper ones are made as text.
    for (let level = 0; level < Math.min(levels, 2_000); level++)
      inner = level % 2 === 0 ? [inner] : { a: inner };
    return inner;
  }

  return { valid, odd, oddText, spoilt };
}

/** As JSON.parse would, also for `__proto__`. */
function fromEntries(entries: readonly [string, unknown][]): object {
  const made = {};
  for (const [name, value] of entries)
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  return made;
}
