import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { UserError } from "../errors.ts";

const Table = z.object({
  schema: z.string(),
  name: z.string(),
  rows: z.number().int(),
  /** Sum over the rows of 60 bits of each one's MD5: the same in whatever order they come. */
  checksum: z.string(),
});

const Manifest = z.object({
  format: z.literal(1),
  /** When the rows stood as they are in the dump. */
  madeAt: z.iso.datetime(),
  loghunter: z.string(),
  /** Version of the server, and of the pg_dump that read it. */
  server: z.number().int(),
  pgDump: z.number().int(),
  bytes: z.number().int(),
  sha256: z.string(),
  tables: z.array(Table),
  /** Names of the migrations that had run, with the SHA-256 of each file. */
  migrations: z.record(z.string(), z.string()),
  /** Version of the job queue's own schema. */
  jobs: z.number().int(),
  /** Row-level security, policies and rights, a line each. */
  walls: z.array(z.string()),
  /** Names, and nothing else, of the keys that sealed tokens in the dump. */
  encryptionKeys: z.array(z.string()),
});

/** What stands beside a dump: what is in it, counted in the same snapshot. */
export type Manifest = z.infer<typeof Manifest>;
export type TableCount = z.infer<typeof Table>;

export function manifestOf(dump: string): string {
  return `${dump.replace(/\.dump$/, "")}.json`;
}

/** @returns undefined where there is none. @throws UserError where it is no manifest */
export async function readManifest(dump: string): Promise<Manifest | undefined> {
  const file = manifestOf(dump);
  const text = await readFile(file, "utf8").catch((err: NodeJS.ErrnoException) => {
    if (err.code === "ENOENT") return undefined;
    throw unreadable(err, file);
  });
  if (text === undefined) return undefined;
  try {
    return Manifest.parse(JSON.parse(text));
  } catch (cause) {
    // Without a cause for the shell: what is wrong is a file, and not that something does not answer.
    throw new UserError(
      `${file} is not what a backup of this LogHunter wrote (${cause instanceof Error ? cause.name : "?"}). Without that file the dump can be restored too, unchecked.`,
    );
  }
}

/** Without its cause, which would be taken for one of the files that DATABASE_URL names. */
export function unreadable({ code = "no reason given" }: NodeJS.ErrnoException, file: string): UserError {
  return new UserError(
    code === "EACCES" || code === "EPERM"
      ? `LogHunter has no access to ${file}. Nothing was changed. Give it to the account that runs this, and let that one into its folder.`
      : `${file} cannot be read (${code}). ${USE_ANOTHER}`,
  );
}

/** @throws UserError where the dump is not byte for byte what was written */
export async function mustBeWhole(dump: string, { bytes, sha256 }: Manifest): Promise<void> {
  const { size } = await stat(dump);
  if (size !== bytes) {
    throw new UserError(
      `${dump} is damaged: it has ${size} bytes, and ${bytes} were written. ${USE_ANOTHER}`,
    );
  }
  if ((await sha256Of(dump)) !== sha256) {
    throw new UserError(
      `${dump} is damaged: its checksum is not the one it was written with. ${USE_ANOTHER}`,
    );
  }
}

export const USE_ANOTHER = "Nothing was changed. Take another dump.";

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
