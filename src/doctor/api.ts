import type { Check } from "./check.ts";
import { well } from "./found.ts";

export const NO_API = "No API is served: another program had its port when LogHunter started.";
export const SERVE_IT =
  "Set HTTP_PORT to a free port and restart, or API_URL to where another LogHunter serves it.";

/** Whether there is an API that keys open. @param url undefined where none is served */
export function apiCheck(url: () => string | undefined): Check {
  return {
    name: "API",
    fix: SERVE_IT,
    run: async () => [
      url() === undefined
        ? { state: "warning", finding: NO_API, fix: SERVE_IT }
        : well("Keys open the API that is served."),
    ],
  };
}
