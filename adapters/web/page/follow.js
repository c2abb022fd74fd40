/**
 * Keeps the newest message in sight for whoever is at the end, and never moves whoever reads further up.
 * @param {HTMLElement} scroller
 * @param {(following: boolean) => void} [changed]
 */
export function followLatest(scroller, changed = () => {}) {
  let following = true;
  let expected = -1;

  function toLatest() {
    const rows = scroller.querySelectorAll(".messages > li");
    const last = rows[rows.length - 1];
    let top = scroller.scrollHeight - scroller.clientHeight;
    if (last instanceof HTMLElement) {
      // A message taller than the screen is read from its title.
      const start =
        last.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
      if (last.offsetHeight > scroller.clientHeight) top = Math.min(top, start);
    }
    expected = Math.max(0, Math.round(top));
    scroller.scrollTop = expected;
  }

  /** @param {boolean} next */
  function set(next) {
    if (next === following) return;
    following = next;
    changed(following);
  }

  scroller.addEventListener(
    "scroll",
    () => {
      if (Math.abs(scroller.scrollTop - expected) < 2) return;
      set(scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < 60);
    },
    { passive: true },
  );
  const resized = new ResizeObserver(() => following && toLatest());
  resized.observe(scroller);
  for (const child of scroller.children) resized.observe(child);

  return {
    isFollowing: () => following,
    jump() {
      set(true);
      toLatest();
    },
  };
}
