import { type Command, InvalidArgumentError, Option } from "commander";

export interface BackupOptions {
  dir?: string;
  daily?: boolean;
  /** Minutes after midnight, UTC. */
  at: number;
  drill?: boolean;
  check?: boolean;
}

/** What keeps the database safe, for whoever runs LogHunter. */
export interface BackupCommands {
  backup(options: BackupOptions): Promise<void>;
  restore(file: string, options: { force?: boolean }): Promise<void>;
  /** @param file the newest dump of the folder, where none is named */
  restoreDrill(file: string | undefined, options: { dir?: string }): Promise<void>;
}

const AT_MINUTE = 3 * 60;

export function addBackupCommands(program: Command, run: (work: Work) => Promise<void>): void {
  const folder = () => new Option("--dir <folder>", "where dumps are kept, instead of BACKUP_DIR");
  program
    .command("backup")
    .summary("dump the database into a file, checked, and remove old dumps")
    .addOption(folder())
    .option("--daily", "stay, and do it every day; at once where a day was missed")
    .addOption(
      new Option("--at <time>", "with --daily: when, in UTC")
        .default(AT_MINUTE, "03:00")
        .argParser(minuteOfDay),
    )
    .option("--drill", "with --daily: restore the newest dump for a trial once in 30 days")
    .option("--check", "only say how old the newest dump is; fails above 26 hours")
    .action((options: BackupOptions) => run((commands) => commands.backup(options)));
  program
    .command("restore <file>")
    .summary("bring a dump into an empty database, whole or not at all")
    .addOption(new Option("--force", "delete all that is in the database first"))
    .action((file: string, options: { force?: boolean }) =>
      run((commands) => commands.restore(file, options)),
    );
  program
    .command("restore-drill [file]")
    .summary("try a dump out in a database of its own, and compare every table")
    .option("--latest", "the newest one; so it is too where no file is named")
    .addOption(folder())
    .action((file: string | undefined, options: { dir?: string }) =>
      run((commands) => commands.restoreDrill(file, options)),
    );
}

type Work = (commands: BackupCommands) => Promise<void>;

function minuteOfDay(text: string): number {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour === undefined) throw new InvalidArgumentError("It is a time such as 03:00.");
  return Number(hour) * 60 + Number(minute);
}
