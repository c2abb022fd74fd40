/** The web console's page is plain JavaScript and CSS: compiled code finds it beside itself. */
import { cp } from "node:fs/promises";

await cp("adapters/web/page", "dist/adapters/web/page", { recursive: true });
