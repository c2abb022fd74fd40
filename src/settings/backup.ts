import { z } from "zod";
import { text } from "./values.ts";

/** Settings of `backup`, `restore` and `restore-drill`. */
export const BACKUP_SETTINGS = {
  backupDir: {
    name: "BACKUP_DIR",
    unset: "`backups` in STATE_DIR",
    description: "Folder for the dumps of one database ([docs/recovery.md](docs/recovery.md))",
    schema: text,
  },
  backupDays: {
    name: "BACKUP_DAYS",
    unset: "`30`",
    description: "How many days dumps are kept; the newest good one always is",
    schema: z.coerce.number().int().min(1).max(3_650),
  },
  pgBin: {
    name: "PG_BIN",
    unset: "found: PATH, then where Debian, Red Hat and Homebrew put them",
    description: "Folder of pg_dump, pg_restore and psql",
    schema: text,
  },
} as const;
