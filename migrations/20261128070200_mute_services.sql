-- Up Migration
-- No alerts about a service for a while. One that has ended stays, so that it can be explained later.
create table mutes (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  service text not null check (service <> ''),
  ends_at timestamptz not null,
  -- Null: nobody said why.
  reason text,
  muted_by text not null
);
create index on mutes (tenant_id, ends_at);
create index on mutes (tenant_id, service, ends_at desc);
select protect_tenant_table('mutes');

-- Who made a channel what it is, so that somebody is told when it takes no messages. Null: nobody known.
alter table channels add column set_by text;

-- Down Migration
alter table channels drop column set_by;
drop table mutes;
