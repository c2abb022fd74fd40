import type { Call } from "./shellWords.ts";

/** How a program takes something away for good. */
interface Losing {
  programs: string;
  /** Options before its verb that are followed by a value. */
  valued?: string;
  /** From its verb on. */
  verb?: RegExp;
  /** Anywhere behind it; each word has a space before it. */
  anywhere?: RegExp;
  /** It only says what it would do. */
  spares?: RegExp;
}

/** Nothing but their name is needed. */
const ALWAYS =
  "unlink shred srm wipefs lvremove vgremove pvremove lvreduce dropdb dropuser userdel groupdel deluser pg_resetwal pg_resetxlog pg_dropcluster blkdiscard kafka-delete-records kafka-streams-application-reset mkfs mke2fs mkswap";
/** Tools that name what they work on first: `eksctl nodegroup delete x`, `heroku pg:reset`. */
const NOUN_FIRST =
  "eksctl kops minikube k3d flyctl heroku doctl ibmcloud oci hcloud linode-cli openstack argo argocd flux velero ceph rados rbd crictl ctr rpk pulsar-admin nats influx gh glab nomad gcloud az";

const LOSING: readonly Losing[] = [
  {
    programs: "kubectl oc k kubecolor",
    valued:
      "-n --namespace --context --kubeconfig --cluster --user -s --server --as --as-group --token --request-timeout -v",
    verb: /^(?:delete|drain|evict|adm\s+(?:drain|prune)|replace\b.*\s--force|apply\b.*\s--prune|scale\b.*\s--replicas[= ]0\b|patch\b.*finalizers\S*)(?:\s|$)/,
    anywhere: /\s--replicas[= ]0\b/,
    spares: /\s--dry-run(?!=none)/,
  },
  {
    programs: "helm helmfile",
    valued: "-n --namespace --kube-context --kubeconfig -f --file -e --environment",
    verb: /^(?:uninstall|delete|del|un|destroy)\s/,
    spares: /\s--dry-run/,
  },
  {
    programs: "terraform tofu terragrunt pulumi",
    valued: "-C --cwd -s --stack",
    verb: /^(?:run-all\s+)?(?:destroy|apply|up|taint|state\s+(?:rm|delete)|stack\s+rm|workspace\s+delete|force-unlock)\b/,
  },
  {
    programs: "docker podman nerdctl",
    valued: "-H --host -c --context --config -l --log-level",
    verb: /^(?:rmi?\b|(?:container|image|volume|network|system|builder|buildx|config|secret|service|stack|node|plugin|pod|machine)\s+(?:rm|remove|prune|reset)\b|swarm\s+leave|compose\b.*\srm\b|compose\b.*\sdown\b.*\s(?:-\w*v|--volumes|--rmi))/,
  },
  {
    programs: "docker-compose podman-compose",
    valued: "-f --file -p --project-name --profile --env-file",
    verb: /^(?:rm\b|down\b.*\s(?:-\w*v|--volumes|--rmi))/,
  },
  {
    programs: "rm rmdir",
    anywhere:
      /\s-\w*[rf]|\s--(?:recursive|force|no-preserve-root)|\s[/~.*$](?:\S|\s|$)|\s\S+[/*]|\s\w[\w-]*\.\w/,
  },
  { programs: "del rd erase", anywhere: /\s\/[fsq]\b/ },
  {
    programs: "find fd",
    anywhere:
      /\s-delete\b|\s(?:-exec|-execdir|-ok|-okdir|-x|--exec)\s+(?:sudo\s+)?\S*(?:rm|unlink|shred|truncate)\b/,
  },
  {
    programs: "xargs parallel",
    anywhere: /\s(?:rm|unlink|shred|(?:redis|valkey)-cli\s.*\b(?:del|unlink)|kubectl\s+delete|kill\s+-9)\b/,
  },
  {
    programs: "git",
    valued: "-C -c --git-dir --work-tree",
    verb: /^(?:push\b.*\s(?:-\w*[fd]\w*|--force\S*|--mirror|--delete|--prune|[+:]\S+)(?:\s|$)|reset\b.*\s--(?:hard|merge)|clean\b.*\s(?:-\w*f|--force)|branch\b.*\s-d\b|checkout\s+(?:\S+\s+)?(?:--\s|\.(?:\s|$))|restore\s+(?!--staged)|stash\s+(?:drop|clear)|filter-(?:branch|repo)|reflog\s+(?:expire|delete)|update-ref\s+-d|gc\b.*--prune|rm\s)/,
    spares: /\s--dry-run/,
  },
  { programs: "kafka-topics kafka-acls kafka-configs", anywhere: /\s--(?:delete|remove)\b/ },
  {
    programs: "kafka-consumer-groups",
    anywhere: /\s--delete(?:-offsets)?\b|\s--reset-offsets\b.*\s--execute\b/,
  },
  { programs: "zookeeper-shell zkcli", anywhere: /\s(?:deleteall|delete|rmr)\s/ },
  {
    programs: "etcdctl",
    valued: "--endpoints --cacert --cert --key --user --password",
    verb: /^(?:del|rm|rmdir|member\s+remove|(?:user|role)\s+delete|snapshot\s+restore|compact|lease\s+revoke)\b/,
  },
  {
    programs: "rabbitmqctl rabbitmqadmin",
    valued: "-n --node -p --vhost -H --host -u -P",
    verb: /^(?:purge\w*|delete\w*|reset|force_reset|forget_cluster_node|clear_\w+)\b/,
  },
  {
    programs: "vault bao",
    verb: /^(?:kv\s+(?:-\S+\s+)*(?:delete|destroy|metadata\s+delete)|delete|(?:secrets|auth|audit)\s+disable|(?:lease|token)\s+revoke|policy\s+delete|operator\s+(?:rekey|seal|raft\s+(?:remove-peer|snapshot\s+restore)))\b/,
  },
  {
    programs: "consul",
    verb: /^(?:kv\s+delete|leave|force-leave|snapshot\s+restore|services\s+deregister|acl\s+\w+\s+delete)\b/,
  },
  { programs: "nomad", verb: /^(?:job\s+)?stop\b.*\s-purge\b/ },
  {
    programs: "redis-cli valkey-cli keydb-cli",
    valued: "-h -p -a -n -u -s --user --pass",
    verb: /^(?:flush(?:all|db)|del|unlink|[hzs]?(?:del|rem)|ltrim|xtrim|shutdown|(?:script|function)\s+flush|cluster\s+reset|replicaof|slaveof)\b/,
  },
  { programs: "mysqladmin", valued: "-u -h -P --user --host --port", verb: /^(?:drop|shutdown)\b/ },
  {
    programs: "aws",
    valued: "--profile --region --output --endpoint-url --query",
    verb: /^(?:s3\s+(?:rm|rb|mv)\b|s3\s+sync\b.*\s--delete\b|[a-z0-9][\w-]*\s+(?:delete|terminate|remove|purge|deregister|release|revoke|schedule-key-deletion|empty)[\w-]*)/,
    spares: /\s--dry-?run\b/,
  },
  {
    programs: "gsutil s3cmd mc rclone",
    verb: /^(?:rm|rb|del|delete\w*|purge|mv|sync|rsync\b.*\s-\w*d|mirror\b.*\s--remove)\b/,
    spares: /\s(?:--dry-run|-n)\b/,
  },
  {
    programs: NOUN_FIRST,
    verb: /^(?:(?!(?:read|list|ls|get|show|describe|logs?|tail|info|status|history)\s)[a-z0-9][\w:.-]*\s+){0,5}?(?:delete|destroy|purge|reset|rm|remove|uninstall|rmi|rmp)\b|^\w+:(?:destroy|reset|delete)\b/,
  },
  { programs: "kubeadm", verb: /^reset\b/ },
  { programs: "kind", verb: /^delete\s+clusters?\b/ },
  { programs: "rsync", anywhere: /\s--(?:del|delete\S*|remove-source-files)(?:\s|$)/, spares: /\s--dry-run/ },
  { programs: "dd", anywhere: /\s[io]f=/ },
  {
    programs: "kill pkill killall skill",
    anywhere: /\s(?:-9|-(?:sig)?kill|(?:-s|-n|--signal)[= ]?(?:9|(?:sig)?kill))\b/,
  },
  { programs: "systemctl", verb: /^(?:stop|disable|mask|kill|poweroff|halt|isolate)\b/ },
  { programs: "shutdown poweroff halt", anywhere: /\s(?:-\w|now\b|\+\d|\d{1,2}:\d\d)/ },
  { programs: "chmod", anywhere: /\s(?:-\w*r\w*|--recursive)\b|\s0{3,4}\b/ },
  { programs: "chown chgrp", anywhere: /\s(?:-\w*r\w*|--recursive)\b/ },
  { programs: "mv cp", anywhere: /\s\/dev\/(?:null|zero)\b/ },
  { programs: "truncate", anywhere: /\s(?:-s|--size)/ },
  { programs: "iptables ip6tables", anywhere: /\s(?:-[fx]|--flush|--delete-chain)\b/ },
  { programs: "nft ufw", verb: /^(?:flush|delete|reset)\b/ },
  { programs: "pg_restore", anywhere: /\s(?:-\w*c\w*|--clean)\b/ },
  { programs: "restic borg", verb: /^(?:forget|prune|delete)\b/, spares: /\s(?:--dry-run|-n)\b/ },
  { programs: "crontab", anywhere: /\s-r\b/ },
  { programs: "journalctl", anywhere: /\s--vacuum-/ },
  { programs: "apt apt-get dpkg", anywhere: /\s(?:--)?purge\b/ },
  { programs: "zfs zpool", verb: /^(?:destroy|rollback|labelclear)\b/ },
  { programs: "mdadm", anywhere: /\s--(?:zero-superblock|stop|remove)\b/ },
  { programs: "cryptsetup", verb: /^(?:luksformat|erase|lukserase)\b/ },
  { programs: "btrfs", verb: /^subvolume\s+delete\b/ },
  { programs: "parted sgdisk fdisk", anywhere: /\s(?:mklabel|rm|--zap-all|-z|-o|--clear)\b/ },
  { programs: "virsh", verb: /^(?:destroy|undefine|vol-delete|pool-delete|snapshot-delete)\b/ },
  { programs: "gpg", anywhere: /\s--delete/ },
];

const RULES = new Map<string, Losing[]>();
for (const rule of LOSING)
  for (const program of rule.programs.split(" ")) RULES.set(program, [...(RULES.get(program) ?? []), rule]);
for (const program of ALWAYS.split(" ")) RULES.set(program, [{ programs: program, anywhere: /\s\S/ }]);

export const LOSING_PROGRAMS: ReadonlySet<string> = new Set([
  ...RULES.keys(),
  ...["ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", "ntfs"].map((kind) => `mkfs.${kind}`),
]);

/** Whether a call loses something for good. */
export function loses({ program, args }: Call): boolean {
  const rules = RULES.get(program) ?? RULES.get(program.replace(/\..*$/, "")) ?? [];
  const lower = args.map((arg) => arg.toLowerCase());
  const all = lower.map((arg) => ` ${arg}`).join("");
  return rules.some(({ valued = "", verb, anywhere, spares }) => {
    if (spares?.test(all)) return false;
    if (anywhere?.test(all)) return true;
    return verb !== undefined && verbsFrom(lower, valued.split(" ")).some((from) => verb.test(from));
  });
}

/** Where the verb of a call may stand, with what follows it. */
export function verbsOf({ program, args }: Call): string[] {
  const valued = (RULES.get(program) ?? []).flatMap((rule) => rule.valued?.split(" ") ?? []);
  return verbsFrom(
    args.map((arg) => arg.toLowerCase()),
    valued,
  );
}

/**
 * Where the verb may begin: behind the options, and, as it is not known of every option whether a value follows it, both at the
 * word behind it and at the next.
 */
function verbsFrom(args: readonly string[], valued: readonly string[]): string[] {
  const found: string[] = [];
  const lowerValued = valued.map((option) => option.toLowerCase());
  let at = 0;
  while (at < args.length) {
    const arg = args[at] as string;
    if (lowerValued.includes(arg)) {
      at += 2;
      continue;
    }
    if (!arg.startsWith("-")) {
      found.push(args.slice(at).join(" "));
      const before = args[at - 1] ?? "";
      if (!before.startsWith("-") || before.includes("=")) return found;
    }
    at++;
  }
  return found;
}
