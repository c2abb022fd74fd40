/** A stack of named undo steps: whoever starts something adds how to stop it, and `stop` unwinds them all. */
export interface Lifecycle {
  /** Adds a step. Steps run last in, first out. */
  onStop(name: string, undo: () => Promise<void> | void): void;
  /**
   * Runs every step, also when some fail, and then throws one AggregateError naming the failed ones.
   * A second call waits for the first.
   */
  stop(): Promise<void>;
  /** The step that is being undone just now. */
  undoing(): string | undefined;
}

interface Step {
  name: string;
  undo: () => Promise<void> | void;
}

export function createLifecycle(): Lifecycle {
  const steps: Step[] = [];
  let stopping: Promise<void> | undefined;
  let undoing: string | undefined;

  return {
    undoing: () => undoing,
    onStop(name, undo) {
      steps.push({ name, undo });
    },
    stop() {
      stopping ??= unwind(steps, (name) => {
        undoing = name;
      });
      return stopping;
    },
  };
}

async function unwind(steps: Step[], begins: (name: string) => void): Promise<void> {
  const failures: Error[] = [];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    begins(step.name);
    try {
      await step.undo();
    } catch (cause) {
      failures.push(new Error(`could not stop ${step.name}`, { cause }));
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map((f) => f.message).join("; "));
}
