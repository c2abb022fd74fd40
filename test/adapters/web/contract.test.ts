import { chatPlatformContract } from "../../contract/chatPlatform.ts";
import { openWebHarness } from "./harness.ts";

chatPlatformContract("web console", (core) => openWebHarness(core));
