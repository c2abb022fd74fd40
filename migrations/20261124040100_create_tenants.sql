-- Up Migration
create table tenants (
  id uuid primary key default uuid_generate_v4(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  name text not null check (name <> ''),
  -- Sent to Loki as X-Scope-OrgID.
  loki_org_id text not null unique check (loki_org_id <> ''),
  retention_days integer not null default 90 check (retention_days between 1 and 3650)
);
create trigger set_updated_at before update on tenants for each row execute function set_updated_at();
alter table tenants enable row level security;
alter table tenants force row level security;
create policy tenant_isolation on tenants to loghunter_app using (id = current_tenant_id());
create policy directory_reads on tenants for select to loghunter_directory using (acts_as_directory());
create policy directory_adds on tenants for insert to loghunter_directory with check (acts_as_directory());
-- A tenant cannot point itself at another's logs.
grant select, update (name, retention_days) on tenants to loghunter_app;
grant select (id, name, loki_org_id), insert (name, loki_org_id) on tenants to loghunter_directory;

-- A Slack team, a Discord guild or the web console, mapped to one tenant.
create table workspaces (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  platform text not null check (platform <> ''),
  -- The platform's own id of the team or guild.
  external_id text not null check (external_id <> ''),
  name text not null,
  unique (platform, external_id)
);
create index on workspaces (tenant_id);
select protect_tenant_table('workspaces');
create policy directory_reads on workspaces for select to loghunter_directory using (acts_as_directory());
create policy directory_adds on workspaces for insert to loghunter_directory with check (acts_as_directory());
create policy directory_moves on workspaces for update to loghunter_directory
  using (acts_as_directory()) with check (acts_as_directory());
grant select (id, tenant_id, platform, external_id, name), insert (tenant_id, platform, external_id, name),
  update (tenant_id, name) on workspaces to loghunter_directory;

-- Uniqueness within a workspace names the tenant too, from here on: when a workspace moves to another
-- tenant, rows of the former one stay behind, unseen, and must not stand in the way.

-- What a chat channel is for.
create table channels (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  workspace_id uuid not null references workspaces on delete cascade,
  external_id text not null check (external_id <> ''),
  purpose text not null check (purpose in ('alerts', 'keys')),
  policy jsonb not null default '{}',
  unique (tenant_id, workspace_id, external_id, purpose)
);
create index on channels (workspace_id);
select protect_tenant_table('channels');

-- What a person may do, where an admin said so; others get the default role.
create table members (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  workspace_id uuid not null references workspaces on delete cascade,
  external_id text not null check (external_id <> ''),
  role text not null check (role in ('viewer', 'responder', 'admin')),
  unique (tenant_id, workspace_id, external_id)
);
create index on members (workspace_id);
select protect_tenant_table('members');

-- Down Migration
drop table members;
drop table channels;
drop table workspaces;
drop table tenants;
