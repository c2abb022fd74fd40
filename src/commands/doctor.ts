import { doctorCard } from "../doctor/card.ts";
import type { Doctor } from "../doctor/doctor.ts";
import { type Command, defineCommand, message } from "./command.ts";

/** `doctor`: everything that is needed is looked at, and each thing that is broken is told with what mends it. */
export function doctorCommand({ doctor }: { doctor: Doctor }): Command {
  return defineCommand({
    name: "doctor",
    summary: "Look at everything that is needed, and say what mends what is broken",
    examples: ["doctor"],
    role: "admin",
    visibility: "caller",
    options: [],
    async run(call) {
      return message(doctorCard(await doctor.examine(call.workspace())), "caller");
    },
  });
}
