import { chatPlatformContract } from "../../contract/chatPlatform.ts";
import { openHttpHarness, openSocketHarness } from "./harness.ts";

chatPlatformContract("Slack in Socket Mode", openSocketHarness);
chatPlatformContract("Slack over HTTP", openHttpHarness);
