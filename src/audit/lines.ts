import { AUDITED, type Entry } from "./entries.ts";

/** An entry as one line of text: when, who, what, to what, from where. */
export function entryLine(entry: Entry): string {
  const { atMs, action, subject, detail, address, channel } = entry;
  const more = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
  const from = address ?? channel;
  return [
    new Date(atMs).toISOString().replace("T", " ").slice(0, 19),
    whoOf(entry),
    `${AUDITED[action]}:`,
    subject === "" ? "-" : subject,
    ...(more.length === 0 ? [] : [`(${more.join(", ")})`]),
    ...(from === undefined ? [] : [`from ${from}`]),
  ].join(" ");
}

function whoOf({ actor, actorName }: Entry): string {
  switch (actor) {
    case "person":
      return actorName;
    case "key":
      return `API key ${actorName}`;
    case "operator":
      return "the operator";
    case "loghunter":
      return "LogHunter";
  }
}
