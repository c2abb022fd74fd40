import type { Failed } from "./checks.ts";
import type { HostileCase } from "./hostile.ts";

/** At most 80 columns. */
export function tableOf(cases: readonly HostileCase[], failed: readonly Failed[]): string {
  const rows = cases.flatMap((one) => {
    const wrong = failed.filter(({ id }) => id === one.id);
    const head = `${one.id.slice(0, 9).padEnd(10)}${one.class.slice(0, 17).padEnd(18)}`;
    const told = [...new Set(wrong.map(({ check, double, why }) => `${check} (${double}): ${why}`))];
    return [
      `${head}${wrong.length === 0 ? "holds" : `FAILS ${wrong.length} times`}`,
      ...told.slice(0, 6).map((text) => `  ${text}`.slice(0, 80)),
    ];
  });
  return [`${"line".padEnd(10)}${"class".padEnd(18)}result`, ...rows].join("\n");
}
