/** pino, bunyan, zap, slog, logrus, structlog, python-json-logger, logstash, ECS, GELF, serilog, MongoDB, Cloud Logging. */
const NAMES = {
  time: [
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "t",
    "@t",
    "datetime",
    "eventTime",
    "asctime",
    "date",
    "_timestamp",
  ],
  level: [
    "level",
    "severity",
    "log.level",
    "lvl",
    "loglevel",
    "log_level",
    "levelname",
    "severity_text",
    "@l",
    "s",
    "PRIORITY",
  ],
  message: ["msg", "message", "@m", "event", "short_message", "text", "body", "MESSAGE", "@mt", "log"],
  /** Not `name`, `job` or `component`: what a request carries stands there too, and would make services of customers. */
  service: ["service.name", "service", "service_name", "app", "application", "appname", "svc"],
  namespace: [
    "namespace",
    "kubernetes.namespace_name",
    "k8s.namespace.name",
    "kubernetes.namespace",
    "service.namespace",
  ],
  error: ["err", "error", "exception", "exc_info", "@x", "cause", "e"],
  errorType: [
    "error.type",
    "err.type",
    "err.name",
    "error.name",
    "exception.class",
    "exception.exception_class",
    "exception.type",
    "exception.0.exc_type",
    "thrown.name",
    "context.exception.class",
    "error_type",
    "errorType",
    "exception_class",
  ],
  errorCode: ["err.code", "error.code", "code", "sqlstate", "errorCode"],
  errorMessage: [
    "error.message",
    "err.message",
    "exception.message",
    "exception.exception_message",
    "exception.0.exc_value",
    "thrown.message",
    "context.exception.message",
    "errorMessage",
    "error_message",
  ],
  stack: [
    "err.stack",
    "error.stack_trace",
    "error.stack",
    "exception.stacktrace",
    "exception.stack_trace",
    "stack_trace",
    "stacktrace",
    "stack",
    "exception.trace",
    "thrown.extendedStackTrace",
    "traceback",
    "errorVerbose",
  ],
} as const satisfies Record<string, readonly string[]>;

/** The values of the known fields of one line, each at its name's place; `undefined` where the line has none. */
export type Slots = unknown[];
/** The places of the names that mean one thing, the first of them counts most. */
export interface Group {
  from: number;
  to: number;
}
export type Meaning = keyof typeof NAMES;

const ALL = Object.values(NAMES).flat();
const PLACES = new Map<string, number>(ALL.map((name, place) => [name, place]));

export const GROUPS = groupsOf();

function groupsOf(): Record<Meaning, Group> {
  let from = 0;
  const groups = Object.entries(NAMES).map(([meaning, names]) => {
    const group = { from, to: from + names.length };
    from = group.to;
    return [meaning, group] as const;
  });
  return Object.fromEntries(groups) as Record<Meaning, Group>;
}

export function emptySlots(): Slots {
  return new Array<unknown>(ALL.length).fill(undefined);
}

/** Where a field's value goes; nothing for most fields. */
export function placeOf(name: string): number | undefined {
  return PLACES.get(name);
}

/** A name in a record, and what it means there: ECS writes `log.level` both flat and nested. */
interface Branch {
  place: number | undefined;
  below: Map<string, Branch> | undefined;
}

const TREE = new Map<string, Branch>();
for (const [place, name] of ALL.entries()) plant(TREE, name, place);

function plant(branches: Map<string, Branch>, name: string, place: number): void {
  branchOf(branches, name).place = place;
  const dot = name.indexOf(".");
  if (dot < 0) return;
  const outer = branchOf(branches, name.slice(0, dot));
  outer.below ??= new Map();
  plant(outer.below, name.slice(dot + 1), place);
}

function branchOf(branches: Map<string, Branch>, name: string): Branch {
  const known = branches.get(name);
  if (known !== undefined) return known;
  const branch: Branch = { place: undefined, below: undefined };
  branches.set(name, branch);
  return branch;
}

/** Reads each field of a record once: asking it for every name there is took five times as long. */
export function slotsOf(record: Readonly<Record<string, unknown>>): Slots {
  const slots = emptySlots();
  for (const name in record) {
    const branch = TREE.get(name);
    if (branch === undefined) continue;
    const value = record[name];
    // What is written flat counts before what is nested, wherever it stands.
    if (branch.place !== undefined) slots[branch.place] = value;
    if (branch.below !== undefined) fillBelow(slots, value, branch.below);
  }
  return slots;
}

function fillBelow(slots: Slots, value: unknown, branches: ReadonlyMap<string, Branch>): void {
  if (!isNested(value)) return;
  for (const [name, { place, below }] of branches) {
    if (!Object.hasOwn(value, name)) continue;
    if (place !== undefined) slots[place] ??= value[name];
    if (below !== undefined) fillBelow(slots, value[name], below);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return isNested(value) && !Array.isArray(value);
}

/** Also a list, whose places are names: structlog writes `exception.0.exc_type`. */
function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
