import { dirname } from "node:path";
import { type Bytes, codeOf, readSome } from "./bytes.ts";
import type { LogFile } from "./logFile.ts";

/** Two logs that begin alike in so many bytes, a time among them, may be copies; shorter ones say too little. */
const FEWEST_BYTES = 64;
/** The shorter one's end must stand in the longer one too: logs can share a long header. */
const COMPARED_BYTES = 4096;

/**
 * The files whose bytes all stand in another file of their folder, with that one. Rotation makes such copies for
 * a moment (`copytruncate` before it truncates, `compress` before it deletes), `gzip -k` for good, and
 * their lines must not be counted twice. The longer file is read; of two alike, the first found. One that is
 * read already gives way only once the other is read too.
 */
export async function copiesAmong(files: readonly LogFile[]): Promise<Map<LogFile, LogFile>> {
  const copies = new Map<LogFile, LogFile>();
  for (const alike of groupsAlike(files)) {
    for (const [rank, file] of alike.entries()) {
      for (const longer of alike.slice(0, rank)) {
        if (copies.has(longer) || (file.isRead && !longer.isRead) || !(await standsIn(file, longer)))
          continue;
        copies.set(file, longer);
        break;
      }
    }
  }
  return copies;
}

function groupsAlike(files: readonly LogFile[]): LogFile[][] {
  const groups = new Map<string, LogFile[]>();
  for (const file of files) {
    if (
      file.content.refused !== undefined ||
      file.trouble !== undefined ||
      file.content.beginning.length < FEWEST_BYTES
    )
      continue;
    const key = `${dirname(file.found.path)}\n${file.content.beginning.toString("latin1", 0, FEWEST_BYTES)}`;
    const group = groups.get(key);
    if (group) group.push(file);
    else groups.set(key, [file]);
  }
  const longestFirst = (a: LogFile, b: LogFile) => b.content.size - a.content.size || a.order - b.order;
  return [...groups.values()].filter((group) => group.length > 1).map((group) => group.sort(longestFirst));
}

async function standsIn(file: LogFile, longer: LogFile): Promise<boolean> {
  if (!longer.content.beginning.subarray(0, file.content.beginning.length).equals(file.content.beginning))
    return false;
  const at = Math.max(0, file.content.size - COMPARED_BYTES);
  const ends = await Promise.all([file, longer].map((one) => endOf(one, at, file.content.size - at)));
  return ends[0] !== undefined && ends[1] !== undefined && ends[0].equals(ends[1]);
}

async function endOf(file: LogFile, at: number, length: number): Promise<Buffer | undefined> {
  let bytes: Bytes;
  try {
    bytes = await file.open();
  } catch {
    // Gone meanwhile, which the next look reports.
    return undefined;
  }
  try {
    return await readSome(bytes, at, length);
  } catch (error) {
    // Whoever reads its lines says so; nobody's question about the other files ends with it.
    if (codeOf(error) === undefined) throw error;
    return undefined;
  } finally {
    await bytes.close();
  }
}
