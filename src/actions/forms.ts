import { typedFilter } from "../filters/filter.ts";
import { findFilter } from "../filters/store.ts";
import type { ActionHandler } from "./action.ts";

/** "Save a filter": its form; with what the filter holds now where the button names one. */
export function saveFilterAction(): ActionHandler {
  return {
    name: "filters.save",
    opens: "form",
    command: "filters save",
    async values({ subject, workspace }) {
      const saved = subject === "" ? undefined : await findFilter(workspace().scope, subject);
      return saved === undefined ? {} : { name: saved.name, ...typedFilter(saved.filter) };
    },
  };
}

/** "Policy" under an alert channel: the form of what that channel gets. */
export function channelPolicyAction(): ActionHandler {
  return { name: "channel.policy", opens: "form", command: "channel policy", values: async () => ({}) };
}
