import type { Backup } from "../backup/backUp.ts";
import type { Health } from "../backup/daily.ts";
import type { Drilled } from "../backup/drill.ts";
import { listOf, type Restored } from "../backup/restore.ts";
import { table } from "./terminal.ts";

export function backupInWords({ file, bytes, tables, rows, tookMs, removed }: Backup): string {
  const older = removed === 0 ? "" : ` Removed ${removed} older ${removed === 1 ? "dump" : "dumps"}.`;
  return `Wrote ${file}: ${size(bytes)}, ${tables} tables, ${count(rows)} rows, in ${seconds(tookMs)}.${older}`;
}

export function healthInWords({ newest, status }: Health): string {
  const lines = [
    newest === undefined
      ? "There is no dump."
      : `The newest dump is ${newest.file}, ${newest.ageHours} h old.`,
  ];
  if (status.failure !== undefined)
    lines.push(`The last backup failed at ${status.triedAt}: ${status.failure}`);
  if (status.drillFailure !== undefined) lines.push(`The last drill was not good. ${status.drillFailure}`);
  else if (status.drilledAt !== undefined) lines.push(`The last drill was good, at ${status.drilledAt}.`);
  return lines.join("\n");
}

/** @param keys names of the keys that are there now; @param embedded its schema follows the code by itself */
export function restoredInWords(restored: Restored, keys: readonly string[], embedded: boolean): string {
  const { file, madeAt, tables, rows, pending, encryptionKeys, owed, tookMs } = restored;
  const checked =
    madeAt === undefined
      ? "No manifest stands beside it, so rows were counted and not compared."
      : "Every table has the rows that were dumped, and each organisation is walled off.";
  const next: string[] = [];
  if (pending.length > 0) {
    const how = embedded ? "they run when LogHunter starts" : "run: loghunter migrate";
    next.push(`The dump is older than this LogHunter by ${pending.length} migrations: ${how}`);
  }
  const missing = encryptionKeys.filter((name) => !keys.includes(name));
  if (missing.length > 0) {
    next.push(
      `Tokens in it are sealed with the key ${missing.map((name) => `"${name}"`).join(", ")}: put it into ENCRYPTION_KEYS, else Slack has to be installed anew`,
    );
  }
  if (owed > 0) {
    next.push(
      `${owed} messages were owed when it was made: LogHunter sends them when it starts, also what it has sent since`,
    );
  }
  next.push("Start LogHunter, and type status in a channel");
  const of = madeAt === undefined ? "" : ` of ${madeAt}`;
  return `Restored ${file}${of}: ${tables} tables, ${count(rows)} rows, in ${seconds(tookMs)}. ${checked}\nNext:\n${listOf(next.map((line) => `- ${line}`))}`;
}

export function drillInWords(drilled: Drilled, width: number): string {
  const { file, madeAt, tables, faults, migrated, restoreMs, tookMs } = drilled;
  const rows = tables.map(({ table: name, dumped, restored, same }) => [
    name,
    madeAt === undefined ? "?" : cell(dumped?.rows),
    cell(restored?.rows),
    same ? "yes" : "NO",
  ]);
  const whole = [
    table([["TABLE", "DUMPED", "RESTORED", "SAME"], ...rows], width),
    "",
    `Restored ${file} in ${seconds(restoreMs)}, and ran ${migrated} migrations on it; all of it took ${seconds(tookMs)}. The database of the drill is gone again.`,
    faults.length === 0
      ? "The dump is good."
      : `The dump does not bring back what was dumped:\n${listOf(faults)}`,
  ];
  return whole.join("\n");
}

function cell(rows: number | undefined): string {
  return rows === undefined ? "-" : count(rows);
}

function count(number: number): string {
  return number.toLocaleString("en");
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function size(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
