import { neutral } from "../prompt/neutral.ts";
import { isDestructive } from "./destructive.ts";
import { LOSING_PROGRAMS, verbsOf } from "./losingPrograms.ts";
import { type Call, callsIn, plainLetters } from "./shellWords.ts";
import { createRuns, wordsOf } from "./words.ts";

/** Programs and statements besides those that take something away. */
const OTHERS =
  "curl wget sudo ssh scp sftp ftp nc ncat socat apt apt-get yum dnf apk pip pip3 npm npx yarn psql mysql mongosh mongo cqlsh sqlite3 redis bash sh zsh python python3 perl ruby node php make ansible ansible-playbook puppet chef-client salt service journalctl kill pkill crictl pg_ctl pg_dump pg_restore mysqldump nginx supervisorctl pm2 iptables ip tc sysctl mount umount swapoff modprobe tee sed awk delete drop truncate alter";
/** Words of everyday English or of what logs are about: a program only where options follow. */
const HOMOGRAPHS = new Set(
  "find fd kill skill kind del rd erase shutdown halt poweroff service unlink shred ip tc make mount salt node tee delete drop truncate alter redis mysql nginx sh git docker k mc oci nats gh flux argo velero ceph heroku vault consul nomad virsh mongo php ruby python perl parallel".split(
    " ",
  ),
);
export const PROGRAMS: ReadonlySet<string> = new Set([...LOSING_PROGRAMS, ...OTHERS.split(" ")]);

/** In the middle of other words these two say nothing about a command. */
const NO_COMMAND_WORDS = new Set("find fd kind k ip tc make mount salt node tee kill del rd halt".split(" "));

/** The same program by another name. */
const FAMILIES: Readonly<Record<string, string>> = {
  ...{ oc: "kubectl", k: "kubectl", kubecolor: "kubectl", podman: "docker", nerdctl: "docker" },
  ...{ tofu: "terraform", terragrunt: "terraform", "valkey-cli": "redis-cli", "keydb-cli": "redis-cli" },
  ...{ bao: "vault", mongo: "mongosh", pip3: "pip", python3: "python", "apt-get": "apt" },
};

/** Verbs by which a text is a command also where no option stands: `kubectl scale deploy`. */
const VERB =
  /^(?:get|describe|logs|apply|create|delete|drain|cordon|uncordon|scale|rollout|exec|edit|patch|replace|set|run|start|stop|restart|reload|rmi?|prune|down|up|uninstall|install|upgrade|rollback|push|reset|clean|pull|clone|checkout|destroy|import|kv|del|put|purge\w*|config|adm|volume|container|image|system|compose|stack|enable|disable|mask|flush(?:all|db)|s3|s3api|ec2|rds)\b/;
/** `kubectl apply failed` reports. */
const REPORTS =
  /^(?:fail|error|return|exit|exceed|time|is\b|was\b|were\b|has\b|had\b|can\b|could\b|did\b|does\b|call|command|job|request|and\b|or\b|which\b|that\b)/;

/** Whether a text, or a part of it, is something to type rather than to read. */
export function readsAsCommand(text: string): boolean {
  return commandsIn(text).length > 0 || RUNS_WHAT_NOBODY_READS.test(text) || isDestructive(text);
}

/** The calls in a text that are something to type. */
export function commandsIn(text: string): Call[] {
  return callsIn(text, PROGRAMS).filter((call) => {
    const { program, args } = call;
    if (args.some((arg) => /^-{1,2}[a-z]/i.test(arg))) return true;
    if (HOMOGRAPHS.has(program)) return isDestructive([program, ...args].join(" "));
    const [verb = "", next = ""] = args;
    if (REPORTS.test(verb.toLowerCase()) || REPORTS.test(next.toLowerCase())) return false;
    return (VERB.test(verb.toLowerCase()) && next !== "") || args.some((arg) => /^[/~.]\S|\w\/\w/.test(arg));
  });
}

/** Whoever is told to run what nobody can read is told so by the logs or by nobody. */
export const RUNS_WHAT_NOBODY_READS =
  /\|\s*(?:sudo\s+)?(?:\S*\/)?(?:ba|z|da|k)?sh\b|\|\s*(?:sudo\s+)?(?:python|perl|ruby|node|php)\d?\b|\beval\s+["'$`(]|\bbase64\s+(?:-d|--decode|-D)|[<$]\(\s*\w|\/dev\/(?:tcp|udp)\//i;

/** Whether texts have had a part in a command: in the order of its words or in another, by this name of its program or by another. */
export type CommandEchoes = (command: string) => boolean;

/** @param texts every one that a model has read and that others may have written, also what was found or said before */
export function createCommandEchoes(texts: readonly string[]): CommandEchoes {
  const runs = createRuns(texts, { length: 2 });
  const spoken = texts.map((text) => plainLetters(neutral(text))).map(tokensOf);
  return (command) => {
    const isRun = runs
      .findIn(command)
      .some(({ from, to }) => wordsOf(command.slice(from, to)).some(({ word }) => isCommandWord(word)));
    if (isRun) return true;
    const calls = callsIn(command, PROGRAMS);
    const wanted = [...tokensOf(plainLetters(command))];
    // Of a program that nobody has listed the first word is the name.
    const [first] = wanted;
    return spoken.some((there) => {
      const programs = calls.filter(({ program }) => there.has(familyOf(program)));
      if (programs.some((call) => verbsOf(call).some((verb) => there.has(verb.split(" ", 1)[0] ?? ""))))
        return true;
      const shared = wanted.filter((token) => there.has(token)).length;
      const isNamed = programs.length > 0 || (first !== undefined && there.has(first));
      return isNamed && shared >= LEAST_SHARED && shared >= wanted.length * SHARED_PART;
    });
  };
}

/** So much of a command that stands in one text with its program is taken from there. */
const LEAST_SHARED = 3;
const SHARED_PART = 0.6;

/** Words of a command line: names stay whole, options lose their dashes, programs have one name. */
function tokensOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_][\p{L}\p{N}_.:/@-]*/gu) ?? [];
  return new Set(words.map((word) => familyOf(word.replace(/[.:/-]+$/, ""))));
}

function familyOf(word: string): string {
  const program = word.replace(/^.*\//, "").replace(/\.sh$/, "");
  return FAMILIES[program] ?? (PROGRAMS.has(program) ? program : word);
}

function isCommandWord(word: string): boolean {
  return PROGRAMS.has(word) && !NO_COMMAND_WORDS.has(word);
}
