import { LOSING_PROGRAMS, loses } from "./losingPrograms.ts";
import { callsIn, plainLetters } from "./shellWords.ts";

/** Names of what a database or a broker holds. */
const HELD =
  "(?:(?:materiali[sz]ed\\s+)?view|table|tablespace|database|schema|keyspace|index|user|role|column|constraint|partition|sequence|type|function|procedure|trigger|extension|publication|subscription|collection|replication\\s+slot|owned|stream|topic|bucket|measurement|series|shard|warehouse)";

/**
 * What takes something away without naming its program first: statements of databases, calls of their shells, requests. Restarts and
 * rollbacks are not among them: they can be taken back.
 */
const STATEMENTS: readonly RegExp[] = [
  new RegExp(`\\b(?:drop|truncate)\\s+(?:if\\s+exists\\s+)?${HELD}\\b`, "i"),
  /\bdelete\s+from\s+\S|\balter\s+(?:table|keyspace|database|type)\b[^;]{0,200}\bdrop\b/i,
  // Every row; with a condition it is some.
  /\bupdate\s+[\w."`]{1,80}\s+set\s+[\w."`]{1,80}\s{0,4}=(?![^;]{0,300}\bwhere\b)/i,
  // In capitals a statement, in small letters only alone: programs truncate what is too long.
  /\bTRUNCATE\s+[\w"`]|(?:^|[;"'`(]\s{0,4})truncate\s+(?!-)[\w."]{1,80}\s{0,4}(?:cascade|restart\s+identity|[;"'`)]|$)/,
  /\bflush(?:all|db)\b|\bdrop(?:Database|Collection|Index|Indexes|User|Role)\s{0,2}\(|\bdb\.\S{1,80}\.(?:drop|remove|delete\w{0,20})\s{0,2}\(|\.deleteMany\(/i,
  /\b_delete_by_query\b|(?:-X\s{0,4}|--request[= ]|--method[= ])["']?DELETE\b|(?:^\s{0,4}|`|\b(?:[Ss]end|[Ii]ssue|[Rr]un|[Cc]all|[Ee]xecute|[Uu]se|[Dd]o|[Ww]ith)\s+(?:an?\s+)?)DELETE\s+\/?[\w*<.-][\w*<>.,/-]{0,200}(?:`|\.?$)|\bDELETE\s+\/?\S{0,200}\*|\b(?:[Ss]end|[Ii]ssue|[Rr]un|[Ee]xecute|[Uu]se)\s+(?:an?\s+)?DELETE\s+\/\S/,
  // What is written over: a file, a disk.
  /(?:^|[;&|`"'(]\s{0,4})(?::|true|cat\s+\/dev\/null|echo\s+(?:-n\s+)?(?:""|'')?)?\s{0,4}>\s{0,4}[/~.][\w.]|>\s{0,4}\/dev\/(?:sd|nvme|vd|xvd|disk)/,
  // Nobody knows what is in it.
  /\b(?:curl|wget)\b[^|\n]{0,200}\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b|:\(\)\s{0,2}\{|\bformat\s+[a-z]:/i,
  /\bhttps?\s+(?:-\S{1,40}\s+){0,4}DELETE\s+\S{0,100}[/:]/,
  /\b(?:Remove|Clear|Format|Reset)-(?:Item|ItemProperty|Content|Volume|Disk|Partition|VM|Service|ADUser|AzResourceGroup|Az\w{1,40})\b/,
];

/** Words in between, none of which begins another part of the sentence. */
const BETWEEN =
  "(?:\\s+(?!(?:on|of|from|in|at|for|so|that|to|by|with|until|before|which|and|is|are|was|were|has|have)\\b)[\\w'’.-]{1,60}){0,4}?";
const DATA =
  "(?:data|datasets?|volumes?|pvcs?|pvs?|databases?|tables?|rows?|records?|columns?|ind(?:ex|exes|ices)|collections?|documents?|keyspaces?|schemas?|topics?|queues?|streams?|messages?|offsets?|consumer\\s+groups?|buckets?|objects?|backups?|snapshots?|namespaces?|projects?|clusters?|disks?|partitions?|files?|director(?:y|ies)|folders?|users?|accounts?|keys|secrets?|images?|repositor(?:y|ies)|branch(?:es)?|deployments?|statefulsets?|logs|wal)";

/** The same in everyday words, said as advice: what was deleted, or is a job of that name, is a story. */
const ADVICE: readonly RegExp[] = [
  new RegExp(
    `\\b(?:delete|drop|remove|erase|truncate|empty)\\s+(?:all|every|everything|the|its|their|this|that|these|those|any|both|old|your|[\\w.-]{1,60}['’]s)(?:\\s+of\\s+(?:the|its|their))?${BETWEEN}\\s+${DATA}\\b(?!['’]|\\s+(?:locks?|handles?|descriptors?|limits?|alias(?:es)?|hints?|races?|quotas?|class(?:es)?|connections?|sessions?)\\b)`,
    "i",
  ),
  /\b(?:purge|wipe|erase|destroy|shred|nuke)\s+(?:out\s+|clean\s+)?(?:all|every|everything|the|its|their|this|that|these|those|any|both|old|data|quer(?:y|ies)|queues?|topics?|disks?|volumes?|[/*~]|[\w]{1,60}[-_./][\w])/i,
];

/** Whether following an advice may lose something that cannot be brought back. */
export function isDestructive(text: string): boolean {
  const written = plainLetters(text).replace(/[\t\u00a0 ]+/g, " ");
  // A comment stands between words of a statement like a blank.
  const plain = written.replace(/\/\*[^*]{0,200}\*\//g, " ");
  return (
    [...STATEMENTS, ...ADVICE].some((pattern) => pattern.test(plain)) ||
    callsIn(written, LOSING_PROGRAMS).some(loses)
  );
}
