/**
 * Keeps the newest message in sight for whoever is at the end, and never moves whoever reads further up.
 * @param {HTMLElement} scroller
 * @param {() => void} [changed]
 */
export function followLatest(scroller, changed = () => {}) {
  let following = true;
  /** Whether the reader went to the very end, or was taken to the start of the newest message. */
  let atEnd = false;
  let expected = -1;
  let shape = "";

  function toLatest() {
    shape = shapeOf(scroller);
    const end = scroller.scrollHeight - scroller.clientHeight;
    expected = Math.max(0, Math.round(atEnd ? end : Math.min(end, startOfLast(scroller))));
    scroller.scrollTop = expected;
  }

  scroller.addEventListener(
    "scroll",
    () => {
      // Moved by us, or by a change of the layout that is answered below.
      if (Math.abs(scroller.scrollTop - expected) < 2 || shapeOf(scroller) !== shape) return;
      expected = -1;
      const end = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < 60;
      atEnd = end;
      if (end === following) return;
      following = end;
      changed();
    },
    { passive: true },
  );
  const resized = new ResizeObserver(() => {
    shape = shapeOf(scroller);
    if (following) toLatest();
  });
  resized.observe(scroller);
  for (const child of scroller.children) resized.observe(child);

  return {
    isFollowing: () => following,
    jump() {
      following = true;
      atEnd = false;
      changed();
      toLatest();
    },
  };
}

/**
 * A message taller than the screen is read from its title.
 * @param {HTMLElement} scroller
 */
function startOfLast(scroller) {
  const rows = scroller.querySelectorAll(".messages > li");
  const last = rows[rows.length - 1];
  if (!(last instanceof HTMLElement) || last.offsetHeight < scroller.clientHeight)
    return Number.POSITIVE_INFINITY;
  return last.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
}

/** @param {HTMLElement} scroller */
function shapeOf(scroller) {
  return `${scroller.scrollHeight} ${scroller.clientHeight} ${scroller.clientWidth}`;
}
