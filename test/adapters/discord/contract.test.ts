import { chatPlatformContract } from "../../contract/chatPlatform.ts";
import { openDiscordHarness } from "./harness.ts";

chatPlatformContract("Discord", (core) => openDiscordHarness(core, false));
chatPlatformContract("Discord with Message Content", (core) => openDiscordHarness(core, true));
