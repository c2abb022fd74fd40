-- Up Migration
-- Episodes that share a cause have one message: that of the first of them, which lists the others.
alter table anomaly_events
  -- The episode whose message lists this one. Null: its own does, or none.
  add column leader_id uuid,
  -- What it shares with those it is listed with. Null: it leads.
  add column joined_for text check (joined_for in ('service', 'kind', 'deploy', 'namespace', 'most services')),
  -- The kinds of lines that had grown most when it was first told of: those of the same kind belong together.
  add column kinds text[] not null default '{}',
  -- Who ended it before it ended by itself. Null: nobody.
  add column resolved_by text check (resolved_by <> ''),
  add constraint anomaly_events_leader foreign key (tenant_id, leader_id) references anomaly_events (tenant_id, id)
    on delete set null (leader_id),
  add constraint anomaly_events_resolver check (resolved_by is null or resolved_at is not null);
create index anomaly_events_led on anomaly_events (tenant_id, leader_id);
-- For what began about the same time and goes on.
create index anomaly_events_begun on anomaly_events (tenant_id, started_at) where resolved_at is null;

alter table deliveries
  -- The episodes that the card lists, kept beside it since they are what the message tells once it stands: a table of its own
  -- would say the same with a row for each of them in every state of every message.
  add column reports uuid[] not null default '{}',
  -- Why the platform did not take it: src/chat/platform.ts. Null: it did, or was not asked.
  add column refusal text check (refusal in (
    'message gone', 'channel gone', 'channel archived', 'not in channel', 'not permitted', 'not installed', 'not acceptable'
  )),
  drop constraint deliveries_kind_check,
  add constraint deliveries_kind_check check (kind in ('answer', 'reply', 'alert', 'escalation', 'notice'));
update deliveries set reports = array[anomaly_event_id] where anomaly_event_id is not null;

-- How who said so is called: the message shows it. Null: of before it was kept.
alter table anomaly_labels add column person_name text;

-- Why somebody was not told of an episode: once for each stage that held it back.
create table held_alerts (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  anomaly_event_id uuid not null,
  -- Where it was held back. Both null: everywhere.
  workspace_id uuid references workspaces on delete cascade,
  channel text,
  stage text not null check (stage in ('watch', 'mute', 'quiet hours', 'group', 'deduplicate', 'route', 'flood')),
  -- For people.
  reason text not null check (reason <> ''),
  foreign key (tenant_id, anomaly_event_id) references anomaly_events (tenant_id, id) on delete cascade,
  check ((workspace_id is null) = (channel is null))
);
create unique index held_alerts_once on held_alerts (
  tenant_id, anomaly_event_id, stage, coalesce(workspace_id::text, ''), coalesce(channel, '')
);
create index on held_alerts (workspace_id);
-- What a flood holds back in a channel.
create index held_alerts_flood on held_alerts (tenant_id, workspace_id, channel, created_at) where stage = 'flood';
select protect_tenant_table('held_alerts');

-- Down Migration
drop table held_alerts;
alter table anomaly_labels drop column person_name;
delete from deliveries where kind = 'escalation';
alter table deliveries
  drop column reports,
  drop column refusal,
  drop constraint deliveries_kind_check,
  add constraint deliveries_kind_check check (kind in ('answer', 'reply', 'alert', 'notice'));
drop index anomaly_events_begun;
alter table anomaly_events
  drop column leader_id,
  drop column joined_for,
  drop column kinds,
  drop column resolved_by;
