-- Up Migration
-- A page shows the messages of the top level and those of each thread apart, from the newest back: a thread of
-- any length must not stand between two messages of its channel.
drop index console_messages_workspace_id_channel_created_at_idx;
drop index console_messages_tenant_id_thread_id_idx;
create index console_messages_top_level on console_messages (workspace_id, channel, created_at desc, id desc)
  where thread_id is null;
create index console_messages_replies on console_messages (tenant_id, thread_id, created_at desc, id desc);

-- Down Migration
drop index console_messages_replies;
drop index console_messages_top_level;
create index on console_messages (tenant_id, thread_id);
create index on console_messages (workspace_id, channel, created_at desc);
