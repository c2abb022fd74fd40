-- Up Migration
-- Acts of people that platforms may deliver again, so that each is done once, by whichever process.
create table acts (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  workspace_id uuid not null references workspaces on delete cascade,
  -- The platform's own.
  act_id text not null,
  -- Until then it is in hand; a process that died in the middle of it ends no act.
  in_hand_until timestamptz not null,
  -- Null: not answered yet.
  ended_at timestamptz,
  unique (tenant_id, workspace_id, act_id)
);
create index on acts (workspace_id);
create index on acts (tenant_id, created_at);
select protect_tenant_table('acts');

-- Why a channel takes no messages, until one arrives there again.
create table channel_troubles (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  workspace_id uuid not null references workspaces on delete cascade,
  channel text not null,
  reason text not null check (
    reason in ('channel gone', 'channel archived', 'not in channel', 'not permitted', 'not installed')
  ),
  -- The platform's words for it.
  why text not null,
  unique (tenant_id, workspace_id, channel)
);
create index on channel_troubles (workspace_id);
select protect_tenant_table('channel_troubles');

-- Down Migration
drop table channel_troubles;
drop table acts;
