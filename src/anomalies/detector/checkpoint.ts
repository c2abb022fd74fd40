import type { DetectorOptions } from "./options.ts";

/** Raised whenever the parts of a detector, their order or what their numbers mean changes. */
const VERSION = 2;
const HEADER_BYTES = 16;
const KINDS = ["count", "rate", "ratio"] as const;

/** A detector's memory with a header that says what it is of. */
export function checkpointOf(options: DetectorOptions, memory: Uint8Array): Uint8Array {
  const saved = new Uint8Array(HEADER_BYTES + memory.byteLength);
  const header = new DataView(saved.buffer);
  header.setUint32(0, VERSION);
  header.setUint32(4, KINDS.indexOf(options.kind));
  header.setFloat64(8, options.stepSeconds);
  saved.set(memory, HEADER_BYTES);
  return saved;
}

/** The memory in a checkpoint. Throws when it is not of this version, or of a series of other steps or another kind. */
export function memoryIn(saved: Uint8Array, options: DetectorOptions, byteLength: number): Uint8Array {
  if (saved.byteLength < HEADER_BYTES) throw new Error("This is no detector's checkpoint: it is too short.");
  const header = new DataView(saved.buffer, saved.byteOffset, HEADER_BYTES);
  const version = header.getUint32(0);
  if (version !== VERSION) {
    throw new Error(`This checkpoint is of version ${version}, this detector reads version ${VERSION}.`);
  }
  const [kind, stepSeconds] = [KINDS[header.getUint32(4)], header.getFloat64(8)];
  if (kind !== options.kind || stepSeconds !== options.stepSeconds) {
    throw new Error(
      `This checkpoint is of a ${kind} every ${stepSeconds} s, not of a ${options.kind} every ${options.stepSeconds} s.`,
    );
  }
  if (saved.byteLength !== HEADER_BYTES + byteLength) {
    throw new Error(
      `This checkpoint has ${saved.byteLength - HEADER_BYTES} bytes of memory, not ${byteLength}.`,
    );
  }
  return saved.subarray(HEADER_BYTES);
}
