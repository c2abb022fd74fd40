/** A way in which software fails everywhere alike: what it looks like in a line, what it means, what to look at. */
export interface FailureKind {
  name: string;
  /** Any of these in a line, upper or lower case alike, makes it this kind. */
  signs: RegExp;
  /** Ends the sentence "<service>: …". */
  meaning: string;
  /** What a person can do or look at next. */
  action: string;
}

/**
 * The first that fits wins, so what is specific stands before what is general: a refused connection is
 * a symptom, and "too many clients" in the same line is the reason for it.
 */
const FAILURE_KINDS: readonly FailureKind[] = [
  {
    name: "disk full",
    signs:
      /no space left on device|\benospc\b|disk (?:is )?full|disk quota exceeded|\bedquot\b|could not extend file/i,
    meaning: "a disk it writes to is full",
    action:
      "Free space on that disk first (`df -h`, then `du -xh --max-depth=2`), then find what stopped cleaning up.",
  },
  {
    name: "file system",
    signs:
      /read-only file ?system|\berofs\b|stale (?:nfs )?file handle|\bestale\b|input\/output error|\beio\b/i,
    meaning: "a file system it uses is broken or can only be read",
    action:
      "Look at `dmesg` and the mounts of that host: a disk that failed is mounted read-only, a share that went away is stale.",
  },
  {
    name: "connection slots used up",
    signs: /too many clients|remaining connection slots|too many connections|max_connections/i,
    meaning: "the database refuses connections because every slot is in use",
    action:
      "See who holds them: `select application_name, usename, state, count(*) from pg_stat_activity group by 1, 2, 3 order by 4 desc;` and restart or fix the one that does not give them back.",
  },
  {
    name: "connection pool exhausted",
    signs:
      /pool (?:is )?(?:exhausted|empty|timed? ?out)|timeout exceeded when trying to connect|unable to acquire (?:a )?connection|connection is not available, request timed out|connection leak/i,
    meaning: "its connection pool has nothing left to give",
    action:
      "Look for queries that hang or connections that are not given back; raising the pool size only buys time.",
  },
  {
    name: "out of memory",
    signs:
      /out of memory|\boom[- ]?kill|heap out of memory|outofmemoryerror|cannot allocate memory|\benomem\b|used memory > 'maxmemory'|> maxmemory|memory (?:resource )?limit alarm|evicted: .{0,40}memory/i,
    meaning: "it ran out of memory",
    action:
      "Compare its memory limit with what it uses, and look for what grew: a new version, a larger request, a leak.",
  },
  {
    name: "open files used up",
    signs: /too many open files|\bemfile\b|\benfile\b/i,
    meaning: "it ran out of file descriptors",
    action:
      "Count what it holds open (`ls /proc/<pid>/fd | wc -l`) and look for sockets or files that are not closed.",
  },
  {
    name: "lock wait",
    signs:
      /deadlock|lock wait timeout|could not obtain lock|lock timeout|accessexclusivelock|waiting for .{0,20}lock\b/i,
    meaning: "queries wait for each other's locks",
    action:
      "Find the session that holds the lock: `select pid, state, query from pg_stat_activity where wait_event_type = 'Lock';`",
  },
  {
    name: "certificate",
    signs:
      /(?:certificate (?:has |is )?expired|(?:expired|bad|unknown|revoked) certificate)|cert_has_expired|x509|self[- ]signed certificate|unable to verify the first certificate/i,
    meaning: "a TLS certificate is not accepted",
    action:
      "Check dates and chain: `openssl s_client -connect <host>:443 -servername <host> </dev/null | openssl x509 -noout -dates`.",
  },
  {
    name: "name not resolved",
    signs:
      /\benotfound\b|\beai_again\b|no such host|name or service not known|temporary failure in name resolution|host not found in upstream|getaddrinfo|lookup .{1,80}: (?:server misbehaving|no such)/i,
    meaning: "a host name it needs does not resolve",
    action: "Check the name for a typing error in the configuration, then DNS from where it runs.",
  },
  {
    name: "rights",
    signs:
      /permission denied|access denied|\beacces\b|\beperm\b|password authentication failed|licen[cs]e (?:is |has |key )?(?:expired|invalid)|authentication failed|invalid credentials|not authorized|invalidaccesskeyid|signaturedoesnotmatch|expiredtoken|(?:api )?key (?:is |was |has been )?(?:revoked|expired|disabled)/i,
    meaning: "it is refused: rights or credentials are wrong",
    action:
      "Compare the credentials and rights with the last change to them; look for a rotation or an expiry.",
  },
  {
    name: "error in the code",
    signs:
      /\btypeerror\b|referenceerror|nullpointerexception|nil pointer dereference|attributeerror|keyerror|undefined method|cannot read propert|indexerror|index out of (?:range|bounds)|classcastexception|unboundlocalerror/i,
    meaning: "its own code fails on what it is given",
    action:
      "Read the top of the stack in the sample: it names the place in the code, and what came in that it cannot take.",
  },
  {
    name: "configuration",
    signs:
      /missing (?:required )?(?:environment|config|setting)|config\w{0,8}(?: key)? [\w.-]{1,60} (?:is )?(?:missing|not set|unknown|invalid)|\b(?:config\w{0,8}|settings?)\b.{0,12}\b(?:invalid|unknown|unexpected|malformed)\b|invalid config|unknown option|no such (?:file|table|column)|relation .{0,200} does not exist|column .{0,200} does not exist|\benoent\b/i,
    meaning: "something it expects to find is not there",
    action:
      "Compare configuration, files and schema with what the running version expects; look for a migration that has not run.",
  },
  {
    name: "clock",
    signs:
      /clock (?:is )?(?:skew|wrong|drift|out of sync)|used before issued|(?:requesttime|time) ?too ?skewed|token is not yet valid|issued in the future/i,
    meaning: "clocks do not agree",
    action: "Compare the clocks of the hosts: `chronyc tracking` or `timedatectl`, on both sides.",
  },
  {
    name: "message it cannot read",
    signs:
      /(?:cannot|could not|can't|unable to|failed to|error) (?:parse|parsing|deseriali[sz]e|deseriali[sz]ing|decode|decoding|unmarshal)\w* .{0,40}(?:message|record|event|payload|offset)|jsonparseexception|deserializationexception|poison (?:pill|message)/i,
    meaning: "it was sent a message that it cannot read",
    action:
      "Look at the message at that offset and who wrote it; move it aside so that those behind it go on, then mend writer or reader.",
  },
  {
    name: "workers used up",
    signs:
      /rejectedexecution|thread(?: ?pool)? (?:is )?(?:exhausted|starvation|full)|no (?:free|idle) workers|workers? (?:are )?(?:all )?busy|max_children|\bfork\b.{0,20}: resource temporarily unavailable|cannot (?:create|start) (?:new )?(?:native )?thread/i,
    meaning: "it has no worker left for what comes in",
    action: "Take a thread dump to see what its workers wait for; a larger pool only buys time.",
  },
  {
    name: "network",
    signs:
      /packet loss|network (?:is )?unreachable|network partition|peer .{0,40}became inactive|(?:lost|no) leader|lost (?:the )?quorum|split.?brain|link (?:is )?down|conntrack: table full|no (?:free )?ip addresses? available/i,
    meaning: "the network between its parts is broken",
    action:
      "See which hosts or zones no longer reach each other, and what was changed there: routes, policies, a switch.",
  },
  {
    name: "rate limited",
    signs:
      /too many requests|rate limit|throttl|quota exceeded|(?:status|code|http|answered|returned|got)\W{0,4}429\b|\b429 too/i,
    meaning: "it is being throttled",
    action: "Look at what raised its number of requests, and whether it obeys Retry-After.",
  },
  {
    name: "dependency down",
    signs:
      /\beconnrefused\b|connection refused|connection reset|\beconnreset\b|socket hang up|broken pipe|no route to host|\behostunreach\b|no live upstreams|no living connections|no (?:healthy|available) (?:upstreams?|hosts?|nodes?|backends?)|upstream (?:timed|prematurely|connect|server|answered|returned|sent|failed|error)|bad gateway|service unavailable|gateway time-?out|(?:status|code|http\/\d\.\d"?|answered|returned|got|failed|with)\W{0,4}50[0234]\b|circuit breaker/i,
    meaning: "something it calls does not answer",
    action: "Look at the service it calls: is it running, and what did it log at that time?",
  },
  {
    name: "timeout",
    signs: /\btimed[ -]?out\b|\betimedout\b|deadline exceeded|\btime-?out\b(?!["']?\s?(?:=|:\s?\d))/i,
    meaning: "something it waits for takes too long",
    action: "Look at the service or query it waits for at that time.",
  },
];

/** Kinds that say where the trouble shows, not where it comes from. */
const SYMPTOMS = new Set(["dependency down", "timeout", "rate limited", "connection pool exhausted"]);

/** A request that failed, as who passed it on writes it: the reason stands with who answered. */
const FAILED_REQUEST =
  /\b(?:get|post|put|patch|delete|head)\s\/\S{0,200}\s(?:→|->|=>)?\s?(?:http\/\d(?:\.\d)?"?\s)?(?:status[=:]?\s?)?[45]\d\d\b|(?:^|\s)50[0234]\s(?:on|for|from)\s|\b(?:status|code|answered|returned|responded|with|:)\W{0,3}50[0234]\b|\bunavailable\b|\bunreachable\b/i;

/** Whether a line says why something fails, or only that it does. */
export function tellsWhy(text: string): "why" | "that" | "neither" {
  const kind = failureKindOf(text);
  if (kind !== undefined && !SYMPTOMS.has(kind.name)) return "why";
  return FAILED_REQUEST.test(withoutQuotes(text)) ? "that" : "neither";
}

export function failureKindOf(text: string): FailureKind | undefined {
  const said = withoutPaths(withoutQuotes(text));
  if (WENT_WELL.test(said) || BY_A_CLIENT.test(said)) return undefined;
  return FAILURE_KINDS.find((kind) => kind.signs.test(said));
}

/** A line that says it went well speaks of what did not happen: "retry 1 succeeded after timeout". */
const WENT_WELL =
  /\b(?:succeeded|successfully|recovered|reconnected|resolved|check passed|checks? ok|all .{0,30}\b(?:fine|ok|healthy|valid)|is (?:fine|ok|healthy) again|no longer)\b/i;
/** What a client did or asked for says little about the service: it went away, it typed a wrong password, it looked for a page. */
const BY_A_CLIENT =
  /\bclient (?:closed|disconnected|aborted|went|cancel|prematurely)|closed by (?:the )?(?:client|user|browser)|\b(?:log-?in|sign-?in|log-?on|account|user)\b.{0,80}\b(?:invalid|wrong|bad|incorrect) (?:credentials?|passwords?|user)|open\(\) (?:(?!failed \(2: ).){0,200}failed \(2: .{0,200}request: /i;

/** Addresses and paths are names that somebody gave: a blog post about deadlocks is none. */
function withoutPaths(text: string): string {
  return text.replace(/(?:\b[a-z][a-z+.-]{1,12}:\/\/|(?<![\w.])\/)[^\s"'<>]{1,400}/gi, "/");
}

/** Keys and words after which a quoted text is the program's own: `err="…"`, `"msg":"…"`, `Error: "…"`. */
const OWN_WORDS =
  /(?:err|error|msg|message|reason|cause|caused by|exception|detail|details|description|stack|stack_?trace|traceback|log|fatal|panic|\w*(?:Error|Exception))\\*["']?\s{0,2}[:=]\s{0,2}\\*$/i;
/** Looked at first: of a thousand quotes hardly one is looked at more closely. */
const IS_GIVEN = /[:=\\]/;
/** Backslashes before a quote are few. What is open to the line's end is taken too, or each quote in it would be looked behind anew. */
const QUOTED = /\\{0,8}"(?:[^"\\\n]|\\.){0,2000}(?:("|$)|)|(?<![\w])'[^'\n]{1,300}'(?![\w])/g;
const IN_SINGLE_QUOTES = /(?<![\w])'[^'\n]{1,300}'(?![\w])/g;
const QUOTED_WITHIN = /(?<!\\)\\{1,8}"(?:[^"\\\n]|\\(?!")){0,500}\\{1,8}"/g;

/**
 * What a program says by itself: a text in quotes is mostly somebody's (a comment, a name, a search), and
 * whoever writes "no space left on device" into a form has not filled a disk.
 */
function withoutQuotes(text: string): string {
  return text.replace(QUOTED, (quoted: string, end: string | undefined, at: number) => {
    const isOpen = end === undefined && !quoted.startsWith("'");
    if (isOpen) return quoted.replace(IN_SINGLE_QUOTES, '""');
    const before = text.slice(Math.max(0, at - 40), at);
    if (!IS_GIVEN.test(before.slice(-4)) || !OWN_WORDS.test(before)) return '""';
    // Quotes within it are somebody's again.
    return quoted.replace(QUOTED_WITHIN, '""');
  });
}

export function isSymptom(kind: FailureKind | undefined): boolean {
  return kind !== undefined && SYMPTOMS.has(kind.name);
}
