import { FAULT_POINTS, type FaultPoint } from "../../src/faultPoints.ts";

/** Where a process is killed while what it has sent is between it and the platform. */
const WIRE_POINTS = [
  /** The platform never sees it. */
  "wire: post lost with its sender",
  /** The platform sees it when its sender is dead already, and another one may be looking for it. */
  "wire: post outlives its sender",
  /** It stands there, and its sender never hears so. */
  "wire: post stored, not answered",
  "wire: edit stored, not answered",
  /** Whoever takes over was looking for what the dead one may have sent. */
  "wire: looked for, not answered",
] as const;
type WirePoint = (typeof WIRE_POINTS)[number];

export type KillPoint = FaultPoint | WirePoint;
export const KILL_POINTS: readonly KillPoint[] = [...FAULT_POINTS, ...WIRE_POINTS];

export function isFaultPoint(point: KillPoint): point is FaultPoint {
  return (FAULT_POINTS as readonly KillPoint[]).includes(point);
}
