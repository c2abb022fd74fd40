-- Up Migration
-- When a channel may be written to again: one row a channel, which whoever sends to it locks, so that all processes keep
-- its pace together.
create table channel_paces (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  workspace_id uuid not null references workspaces on delete cascade,
  channel text not null,
  -- By the database's clock, as all times of sending.
  free_at timestamptz not null default 'epoch'
);
create unique index channel_paces_once on channel_paces (tenant_id, workspace_id, channel);
create index on channel_paces (workspace_id);
create index channel_paces_free on channel_paces (tenant_id, free_at);
select protect_tenant_table('channel_paces');

-- A channel that something is owed to has a pace, whoever owes it.
create function pace_channel() returns trigger language plpgsql as $$
begin
  insert into channel_paces (tenant_id, workspace_id, channel) values (new.tenant_id, new.workspace_id, new.channel)
  on conflict do nothing;
  return null;
end
$$;
create trigger pace_channel after insert on deliveries for each row execute function pace_channel();
insert into channel_paces (tenant_id, workspace_id, channel)
select distinct tenant_id, workspace_id, channel from deliveries where state = 'pending';

alter table deliveries
  -- When it was proven to stand there; updated_at is of whatever was last written. Null: it is not proven.
  add column sent_at timestamptz;
update deliveries set sent_at = updated_at where state = 'sent';
-- What is due in one channel; of one tenant, in order of time, is asked for no longer.
drop index deliveries_next;
create index deliveries_next on deliveries (tenant_id, workspace_id, channel, next_attempt_at) where state = 'pending';

-- Down Migration
drop index deliveries_next;
create index deliveries_next on deliveries (tenant_id, next_attempt_at, sequence, id) where state = 'pending';
alter table deliveries drop column sent_at;
drop trigger pace_channel on deliveries;
drop function pace_channel();
drop table channel_paces;
