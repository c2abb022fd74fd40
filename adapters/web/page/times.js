/** How far this computer's clock is behind the server's. */
let behindMs = 0;

/** @param {number} serverNowMs */
export function setClock(serverNowMs) {
  behindMs = serverNowMs - Date.now();
}

const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const timeWithSeconds = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const dayAndTime = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const dayName = new Intl.DateTimeFormat(undefined, { weekday: "long", month: "long", day: "numeric" });
const dayNameAndYear = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "long" });

/**
 * Writes the reader's own time over the UTC of the server.
 * @param {ParentNode} within
 */
export function localise(within) {
  for (const element of within.querySelectorAll("time[data-show]")) {
    const at = new Date(element.getAttribute("datetime") ?? "");
    element.setAttribute("title", full.format(at));
    element.textContent = worded(at, element.getAttribute("data-show"));
  }
}

/** Keeps "3 minutes ago" true. */
export function keepTimesFresh() {
  setInterval(() => {
    for (const element of document.querySelectorAll('time[data-show="relative"]')) {
      element.textContent = ago(new Date(element.getAttribute("datetime") ?? ""));
    }
  }, 20_000);
}

/**
 * "Today", "Yesterday" or the day's name.
 * @param {number} atMs
 */
export function dayOf(atMs) {
  const at = new Date(atMs);
  const today = new Date();
  if (at.toDateString() === today.toDateString()) return "Today";
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (at.toDateString() === yesterday.toDateString()) return "Yesterday";
  return (at.getFullYear() === today.getFullYear() ? dayName : dayNameAndYear).format(at);
}

/** @param {number} atMs */
export function timeOf(atMs) {
  return time.format(new Date(atMs));
}

/**
 * @param {Date} at
 * @param {string | null} show
 */
function worded(at, show) {
  if (show === "relative") return ago(at);
  const format = show === "time" ? time : show === "time with seconds" ? timeWithSeconds : dayAndTime;
  // "11:21" and its "AM" are not to stand in two lines.
  return format.format(at).replace(/\s(?=[AP]M$)/i, "\u00a0");
}

/** @param {Date} at */
function ago(at) {
  const seconds = Math.round((at.getTime() - Date.now() - behindMs) / 1000);
  const size = Math.abs(seconds);
  if (size < 60) return relative.format(seconds, "second");
  if (size < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (size < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}
