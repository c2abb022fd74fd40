import type { Pack } from "../evidence/pack.ts";
import type { Answer } from "./answer.ts";
import type { Conversation } from "./conversations.ts";

/** What `conversationOf` reads. */
export const COLUMNS = `\
id, workspace_id, channel, message_id, thread_id, asked_by, once_id, service, namespace, window_start, window_end, state, pack, answer, fence,
  analysis_id, joins_id, created_at`;

export interface ConversationRow {
  id: string;
  workspace_id: string | null;
  channel: string | null;
  message_id: string | null;
  thread_id: string | null;
  asked_by: string;
  once_id: string;
  service: string;
  namespace: string;
  window_start: Date;
  window_end: Date;
  state: Conversation["state"];
  pack: Pack | null;
  answer: Answer | null;
  fence: string | null;
  analysis_id: string | null;
  joins_id: string | null;
  created_at: Date;
}

export function conversationOf(row: ConversationRow): Conversation {
  return {
    id: row.id,
    ...(row.workspace_id !== null &&
      row.channel !== null && { at: { workspaceId: row.workspace_id, channel: row.channel } }),
    ...(row.message_id !== null && {
      shownAt: { messageId: row.message_id, ...(row.thread_id !== null && { threadId: row.thread_id }) },
    }),
    askedBy: row.asked_by,
    onceId: row.once_id,
    ...(row.thread_id !== null && { thread: row.thread_id }),
    service: row.service,
    namespace: row.namespace,
    window: { fromMs: row.window_start.getTime(), toMs: row.window_end.getTime() },
    state: row.state,
    ...(row.pack !== null && { pack: row.pack }),
    ...(row.answer !== null && { answer: row.answer }),
    ...(row.fence !== null && { fence: row.fence }),
    ...(row.joins_id !== null && { joinsId: row.joins_id }),
    ...(row.analysis_id !== null && { analysisId: row.analysis_id }),
    createdAtMs: row.created_at.getTime(),
  };
}
