import { dirname } from "node:path";
import type { SourceHealth } from "../../src/logs/source.ts";
import { comingWords, percentOf } from "./coming.ts";
import { aheadIn, lengthOf } from "./future.ts";
import type { LogFile } from "./logFile.ts";
import type { Part } from "./merge.ts";
import { LONGEST_LINE } from "./physicalLines.ts";
import type { Shelf } from "./shelf.ts";

/** A list that nobody reads to its end helps nobody. */
const MOST_WARNINGS = 10;

/** What another organisation learns: not even which files there are. */
export const STRANGER: SourceHealth = {
  ok: false,
  summary:
    "These log files belong to another organisation: connect this workspace to the one they were opened for.",
  warnings: [],
};

/** While files are still being read for the first time and nobody should wait for them. */
export function progressOf(shelf: Shelf, nowMs: number): SourceHealth {
  const files = shelf.files.filter(isRead);
  const coming = files.filter(({ blocks, step }) => blocks.length === 0 && step !== undefined);
  const isPart = coming.length > 0 && coming.length < files.length;
  const where = `Reading ${counted(files.length, "file")} in ${counted(foldersOf(files), "folder")}`;
  const summary = `${where}, ${percentOf(files)} % so far${isPart ? `: ${comingWords(coming)}` : ""}.`;
  return { ok: true, summary, warnings: warningsOf(shelf, nowMs) };
}

/** @param lines how many the parts show now */
export function healthOf(shelf: Shelf, parts: readonly Part[], lines: number, nowMs: number): SourceHealth {
  const files = shelf.files.filter(isRead);
  const warnings = warningsOf(shelf, nowMs);
  if (files.length === 0) {
    return {
      ok: false,
      summary: "No log file can be read any more: check the paths given at the start.",
      warnings,
    };
  }
  const where = `Reading ${counted(files.length, "file")} in ${counted(foldersOf(files), "folder")}`;
  const from = lines === 0 ? "" : ` ${timesOf(parts)}`;
  return { ok: true, summary: `${where}, ${counted(lines, "line")}${from}.`, warnings };
}

/** Why openFiles found nothing, in one sentence or a few. */
export function nothingToRead(shelf: Shelf, nowMs: number): string {
  const reasons = warningsOf(shelf, nowMs);
  return reasons.length > 0 ? reasons.slice(0, 3).join(" ") : "No path to a log file was given.";
}

function isRead(file: LogFile): boolean {
  return file.content.refused === undefined && file.trouble === undefined && file.copyOf === undefined;
}

/** Worst first: what is not read at all, then what is missing, then what was guessed. */
function warningsOf(shelf: Shelf, nowMs: number): string[] {
  const { files } = shelf;
  const all = [
    ...shelf.problems,
    ...files.flatMap(({ trouble }) => trouble ?? []),
    ...files.flatMap(({ content, found }) =>
      content.refused === undefined ? [] : `${found.path} ${content.refused}.`,
    ),
    ...files.flatMap(({ content, found }) =>
      content.spool?.fault === undefined ? [] : `${found.path} ${content.spool.fault}.`,
    ),
    ...(shelf.gone > 0
      ? [`${counted(shelf.gone, "file")} read before ${are(shelf.gone)} gone, and the lines with it.`]
      : []),
    ...worst(
      files,
      "undated",
      (lines, path) =>
        `${counted(lines, "line")} of ${path} ${have(lines)} no time that can be read and ${are(lines)} not shown.`,
    ),
    ...future(files, nowMs),
    ...worst(
      files,
      "zoneless",
      (lines, path, file) =>
        `${counted(lines, "line")} of ${path} ${lines === 1 ? "names" : "name"} a zone that is not known (${zoneOf(file)}) and ${are(lines)} read as ${offsetOf(file)}: set LOGS_UTC_OFFSET if that is wrong.`,
    ),
    ...worst(
      files,
      "crowded",
      (lines, path) =>
        `${counted(lines, "line")} of ${path} ${lines === 1 ? "names" : "name"} more services than are told apart and ${are(lines)} shown under the file's name: probably something else stands in the field.`,
    ),
    ...worst(
      files,
      "cut",
      (lines, path) =>
        `${counted(lines, "line")} of ${path} ${are(lines)} longer than ${LONGEST_LINE / 1024 ** 2} MB and cut there.`,
    ),
    ...worst(
      files,
      "holes",
      (holes, path) =>
        `${path} has ${counted(holes, "hole")} of NUL bytes, as a crash or a truncation leaves them: lines may be missing.`,
    ),
    ...worst(
      files,
      "carried",
      (lines, path) =>
        `${counted(lines, "line")} of ${path} ${have(lines)} no time and ${are(lines)} shown at the time of the line before.`,
    ),
    ...files.flatMap(({ copyOf, found }) =>
      copyOf ? `${found.path} is a copy of ${copyOf.found.path} and not read again.` : [],
    ),
    ...files.flatMap(({ restarts, found }) =>
      restarts > 0
        ? `${found.path} was emptied and begun again ${counted(restarts, "time")}: the lines before are gone.`
        : [],
    ),
  ];
  if (all.length <= MOST_WARNINGS) return all;
  return [...all.slice(0, MOST_WARNINGS - 1), `And ${all.length - MOST_WARNINGS + 1} more of this kind.`];
}

/** One sentence for each file that has such lines, most first. */
function worst(
  files: readonly LogFile[],
  what: "undated" | "zoneless" | "crowded" | "cut" | "holes" | "carried",
  say: (count: number, path: string, file: LogFile) => string,
): string[] {
  return files
    .map((file) => ({ file, count: sum(file.blocks.map((block) => block[what])) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ count, file }) => say(count, file.found.path, file));
}

/** "from 02:31 to 03:12 UTC", with days where there are two. A replay ends where its time has come. */
function timesOf(parts: readonly Part[]): string {
  let fromNs: bigint | undefined;
  let toNs: bigint | undefined;
  for (const { blocks, match } of parts) {
    for (const block of blocks) {
      if (block.lines === 0 || block.firstNs >= match.toNs) continue;
      const lastNs = block.lastNs < match.toNs ? block.lastNs : match.toNs - 1n;
      if (fromNs === undefined || block.firstNs < fromNs) fromNs = block.firstNs;
      if (toNs === undefined || lastNs > toNs) toNs = lastNs;
    }
  }
  const [from, to] = [fromNs ?? 0n, toNs ?? 0n].map((ns) => new Date(Number(ns / 1_000_000n)).toISOString());
  const [fromDay, fromTime] = [from?.slice(0, 10), from?.slice(11, 16)];
  const [toDay, toTime] = [to?.slice(0, 10), to?.slice(11, 16)];
  return fromDay === toDay
    ? `from ${fromTime} to ${toTime} UTC`
    : `from ${fromDay} ${fromTime} to ${toDay} ${toTime} UTC`;
}

function future(files: readonly LogFile[], nowMs: number): string[] {
  return files
    .map((file) => ({ path: file.found.path, ...aheadIn(file, nowMs) }))
    .filter(({ lines }) => lines > 0)
    .sort((a, b) => b.lines - a.lines)
    .map(
      ({ path, lines, furthestMs }) =>
        `${counted(lines, "line")} of ${path} ${are(lines)} dated in the future, by up to ${lengthOf(furthestMs)}, and ${are(lines)} not shown until then: probably the zone (LOGS_UTC_OFFSET) or a clock is wrong.`,
    );
}

function zoneOf({ blocks }: LogFile): string {
  return blocks.find(({ zone }) => zone !== undefined)?.zone ?? "";
}

/** "UTC" or "UTC+05:30": what times without a zone are read as. */
function offsetOf({ blocks }: LogFile): string {
  const minutes = blocks[0]?.reading.offsetMinutes ?? 0;
  if (minutes === 0) return "UTC";
  const far = Math.abs(minutes);
  const two = (number: number) => String(Math.floor(number)).padStart(2, "0");
  return `UTC${minutes < 0 ? "-" : "+"}${two(far / 60)}:${two(far % 60)}`;
}

function foldersOf(files: readonly LogFile[]): number {
  return new Set(files.map(({ found }) => dirname(found.path))).size;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

function are(count: number): string {
  return count === 1 ? "is" : "are";
}

function have(count: number): string {
  return count === 1 ? "has" : "have";
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
