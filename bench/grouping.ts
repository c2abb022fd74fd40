/**
 * How well groups match labels. Both lists have one entry a line.
 * - `ga`, grouping accuracy: the share of lines whose group holds exactly the lines of their event (Zhu et al., "Tools and
 *   Benchmarks for Automated Log Parsing", ICSE-SEIP 2019).
 * - `fga`: the F1 of the groups that equal an event exactly (Jiang et al., "A Large-Scale Evaluation for Log Parsing
 *   Techniques", ISSTA 2024): 2·right / (groups + events).
 */
export function grouping(events: readonly string[], groups: readonly string[]): { ga: number; fga: number } {
  const byEvent = linesBy(events);
  const byGroup = linesBy(groups);
  let lines = 0;
  let right = 0;
  for (const members of byEvent.values()) {
    const group = groups[members[0] as number] as string;
    const same = byGroup.get(group)?.length === members.length && members.every((i) => groups[i] === group);
    if (!same) continue;
    lines += members.length;
    right++;
  }
  if (events.length === 0) return { ga: 1, fga: 1 };
  return { ga: lines / events.length, fga: (2 * right) / (byEvent.size + byGroup.size) };
}

/**
 * How well new errors are told: the first half of the lines is what is known, and each group first met in the second half
 * is an alert at its first line. An alert is right when an event is first met at that very line.
 */
export function newGroups(events: readonly string[], groups: readonly string[]): { f1: number } {
  const half = Math.floor(events.length / 2);
  const isNew = (labels: readonly string[]) =>
    new Set([...linesBy(labels).values()].map(([first]) => first as number).filter((line) => line >= half));
  const truth = isNew(events);
  const alerts = isNew(groups);
  if (truth.size + alerts.size === 0) return { f1: 1 };
  const right = [...alerts].filter((line) => truth.has(line)).length;
  return { f1: (2 * right) / (truth.size + alerts.size) };
}

/** The line numbers of each label, in order. */
function linesBy(labels: readonly string[]): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  labels.forEach((label, i) => {
    const known = lines.get(label);
    if (known === undefined) lines.set(label, [i]);
    else known.push(i);
  });
  return lines;
}
