import { chatPlatformContract } from "../../contract/chatPlatform.ts";
import { openWebHarness } from "./harness.ts";

chatPlatformContract("web console in memory", (core) => openWebHarness(core));
