import { Command, Option } from "commander";
import { withoutOwnKeys } from "../logs/redaction/ownKeys.ts";
import { type AnalyzeOptions, analyze } from "./analyze.ts";
import type { Asking } from "./asking.ts";
import { addBackupCommands, type BackupCommands } from "./backupCommands.ts";
import { deleteFilter, deploy, listFilters, saveFilter, whoAmI } from "./changes.ts";
import { completionFor, SHELLS } from "./completion.ts";
import { anomalies, errors, jobs } from "./lists.ts";
import type { OperatorKeys } from "./operatorKeys.ts";

/** What operators run on LogHunter's own machine. */
export interface OperatorCommands {
  start(options: { logs?: string[] }): Promise<void>;
  migrate(options: { yes?: boolean }): Promise<void>;
  reencrypt(): Promise<void>;
  doctor(options: { org?: string; json: boolean }): Promise<void>;
  backups(json: boolean, run: (commands: BackupCommands) => Promise<void>): Promise<void>;
  /** Keys of an organisation. */
  keys(org: string, run: (keys: OperatorKeys) => Promise<void>): Promise<void>;
}

export interface ProgramParts {
  version: string;
  asking(json: boolean): Asking;
  operator: OperatorCommands;
}

const AFTER = `
Environment:
  LOGHUNTER_URL       where the API is (http://127.0.0.1:3141)
  LOGHUNTER_KEY       the API key; there is no option for it, others see those
  LOGHUNTER_KEY_FILE  a file with it that nobody else may read
                      (~/.config/loghunter/key)
  NO_COLOR            set: no colours

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no key or not allowed,
  4 no such thing or cannot be done, 5 does not answer, 6 warnings of doctor.`;

/** The command line as data: help and completion are made of it. */
export function createProgram({ version, asking, operator }: ProgramParts): Command {
  const program = new Command("loghunter")
    .description("Asks LogHunter from a terminal or a script, and runs it.")
    .version(version, "-V, --version", "print the version")
    .option("--json", "print answers as JSON")
    .helpOption("-h, --help", "print help")
    .addHelpText("after", AFTER)
    .showSuggestionAfterError()
    // What was typed is quoted where it is wrong, and the log of a CI job keeps it.
    .configureOutput({ outputError: (text, write) => write(withoutOwnKeys(text)) })
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .exitOverride();
  const ask = () => asking(program.opts<{ json?: boolean }>().json === true);

  program.commandsGroup("Ask (with an API key):");
  program
    .command("analyze <service>")
    .summary("find the likely root cause of what a service logs")
    .option("--since <duration>", "how far back: 30m, 6h, 2d", "1h")
    .option("--namespace <name>", "where the name stands in several")
    .option("--no-wait", "start it, print the job and end")
    .action((service: string, options: AnalyzeOptions) => analyze(ask(), service, options));
  program
    .command("errors <service>")
    .summary("count warnings and errors by what they say")
    .option("--since <duration>", "how far back: 30m, 6h, 2d", "1h")
    .addOption(
      new Option("--level <level>", "only this level").choices(["warn", "error", "critical", "fatal"]),
    )
    .option("--namespace <name>", "where the name stands in several")
    .action((service: string, options) => errors(ask(), service, options));
  program
    .command("anomalies [service]")
    .summary("list open and recent anomalies")
    .addOption(new Option("--state <state>", "only these").choices(["open", "resolved"]))
    .option("--since <duration>", "how far back")
    .option("--limit <count>", "how many at most", "20")
    .action((service: string | undefined, options) =>
      anomalies(ask(), { ...options, ...(service !== undefined && { service }) }),
    );
  program
    .command("jobs [id]")
    .summary("list searches for root causes, or show what one found")
    .action((id: string | undefined) => jobs(ask(), id));
  program
    .command("key")
    .summary("show what the API key may do")
    .action(() => whoAmI(ask()));

  program.commandsGroup("Change (with an API key):");
  const filters = program.command("filters").summary("saved filters").exitOverride();
  filters
    .command("list", { isDefault: true })
    .summary("list them")
    .action(() => listFilters(ask()));
  filters
    .command("save <name> [keywords...]")
    .summary("keep conditions on lines under a name")
    .option("--service <name>", "only of this service")
    .option("--namespace <name>", "only of this namespace")
    .option("--level <levels...>", "only of these levels")
    .action((name: string, keywords: string[], options) => saveFilter(ask(), name, keywords, options));
  filters
    .command("delete <name>")
    .summary("delete one")
    .action((name: string) => deleteFilter(ask(), name));
  program
    .command("deploy <service> <version>")
    .summary("mark a deploy, for charts and root causes")
    .option("--namespace <name>", "where the service runs")
    .option("--at <time>", "when, as 2026-01-31T14:00:00Z; now unless said")
    .action((service: string, version: string, options) => deploy(ask(), service, version, options));

  program.commandsGroup("Run it (on its own machine, with DATABASE_URL):");
  program
    .command("start")
    .summary("run the bot, with the web console")
    .option("--logs <paths...>", "read log files: files, folders or globs, .gz too")
    .action((options: { logs?: string[] }) => operator.start(options));
  program
    .command("doctor")
    .summary("look at everything it needs, and say what mends what is broken")
    .option("--org <id>", "only this Loki organisation; all unless said")
    .action((options: { org?: string }) =>
      operator.doctor({ ...options, json: program.opts<{ json?: boolean }>().json === true }),
    );
  program
    .command("migrate")
    .summary("bring the schema of the database up to date")
    .option("--yes", "without asking")
    .action((options) => operator.migrate(options));
  program
    .command("reencrypt")
    .summary("seal stored tokens with the first of ENCRYPTION_KEYS")
    .action(() => operator.reencrypt());
  addBackupCommands(program, (run) =>
    operator.backups(program.opts<{ json?: boolean }>().json === true, run),
  );
  const apiKeys = program.command("keys").summary("API keys without a chat").exitOverride();
  const org = () => new Option("--org <id>", "the Loki organisation").makeOptionMandatory();
  apiKeys
    .command("list")
    .summary("list them")
    .addOption(org())
    .action((options) => operator.keys(options.org, (keys) => keys.list()));
  apiKeys
    .command("create")
    .summary("make one; it is printed this once")
    .addOption(org())
    .requiredOption("--name <name>", "what it is for")
    .requiredOption("--scopes <scopes>", "what it may do, with commas between")
    .option("--expires <time>", "30d, 90d, 365d or never", "90d")
    .action((options) => operator.keys(options.org, (keys) => keys.create(options)));
  apiKeys
    .command("revoke <name>")
    .summary("end one at once")
    .addOption(org())
    .action((name: string, options) => operator.keys(options.org, (keys) => keys.revoke(name)));

  program.commandsGroup("Shell:");
  program
    .command("completion <shell>")
    .summary(`print completion for ${SHELLS.join(", ")}`)
    .action((shell: string) => ask().terminal.print(completionFor(program, shell).trimEnd()));
  return program;
}
