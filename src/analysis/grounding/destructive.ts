/**
 * Verbs that take something away for good, in commands people copy: of shells, Kubernetes, databases, cloud tools. Restarts and
 * rollbacks are not among them: they can be taken back.
 */
const DESTRUCTIVE =
  /\brm\s+-[a-z]*[rf]|\bkubectl\s+(?:delete|drain|replace\s+--force)|\bhelm\s+(?:uninstall|delete)|\bterraform\s+(?:destroy|apply)|\b(?:drop|truncate)\s+(?:table|database|schema|index|user|role)|\bdelete\s+from\b|\bflush(?:all|db)\b|\bmkfs|\bdd\s+if=|\bdocker\s+(?:rm|rmi|volume\s+rm|system\s+prune)|\bgit\s+(?:push\s+(?:-f|--force)|reset\s+--hard)|\b(?:aws|gcloud|az)\b.{0,60}\b(?:delete|terminate|remove)|\bkill(?:all)?\s+-9|\bshutdown\b|\b(?:curl|wget)\b[^|\n]{0,200}\|\s*(?:sudo\s+)?(?:ba|z)?sh\b|\bchmod\s+-R?\s*777|\b(?:purge|wipe|erase|destroy|shred)\b|\bfind\b.{0,80}\s-delete\b|\btruncate\s+-s|--replicas[= ]0\b|\biptables\s+-F|\bsystemctl\s+(?:stop|disable|mask)|\bs3\s+r[mb]\b|\bcompose\s+down\b.{0,40}\s-v|\b(?:delete|drop|remove)\s+(?:all|every|the|its|this)\b.{0,60}\b(?:data|volumes?|pvcs?|databases?|tables?|ind(?:ex|exes|ices)|topics?|queues?|buckets?|backups?|namespaces?|clusters?|disks?|users?)\b/i;

/** Whether following an advice may lose something that cannot be brought back. */
export function isDestructive(text: string): boolean {
  return DESTRUCTIVE.test(text);
}

/** Words by which a text is a command rather than a sentence. */
const COMMAND_WORDS =
  /^(?:kubectl|helm|terraform|docker|curl|wget|rm|sudo|apt|yum|pip|npm|systemctl|psql|mysql|redis|bash|sh|aws|gcloud|az|git|drop|delete|truncate|chmod|chown|dd|mkfs|ssh|scp|nc)$/i;

export function isCommandWord(word: string): boolean {
  return COMMAND_WORDS.test(word);
}
