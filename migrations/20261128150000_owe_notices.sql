-- Up Migration
-- Messages about no single conversation or episode: the summary of a day, that the logs cannot be read.
alter table deliveries
  -- What it is about, once a channel: 'shadow 2026-11-28'. Null where it reports a conversation or an episode.
  add column notice text check (notice <> ''),
  drop constraint deliveries_check,
  add constraint deliveries_about check (num_nonnulls(conversation_id, anomaly_event_id, notice) = 1),
  drop constraint deliveries_kind_check,
  add constraint deliveries_kind_check check (kind in ('answer', 'reply', 'alert', 'notice'));
drop index deliveries_once;
create unique index deliveries_once on deliveries (
  tenant_id, workspace_id, channel, coalesce(conversation_id::text, anomaly_event_id::text, notice), kind, sequence
);

-- Down Migration
delete from deliveries where notice is not null;
drop index deliveries_once;
alter table deliveries
  drop constraint deliveries_about,
  drop constraint deliveries_kind_check,
  add constraint deliveries_kind_check check (kind in ('answer', 'reply', 'alert')),
  drop column notice,
  add constraint deliveries_check check ((conversation_id is null) <> (anomaly_event_id is null));
create unique index deliveries_once on deliveries (
  tenant_id, workspace_id, channel, coalesce(conversation_id, anomaly_event_id), kind, sequence
);
