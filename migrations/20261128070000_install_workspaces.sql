-- Up Migration
-- A workspace that many others install the bot beside gives tokens, and stands here before anybody has said whose
-- logs it sees. Until then it belongs to a tenant of its own whose organisation no log source can have: the
-- name begins with 'unconnected/', and / is in no org id.
alter table workspaces
  -- Tokens, sealed by src/secrets. Null: it gave none, because the operator did in the environment.
  add column installation text,
  -- The platform's id of the person to tell when something is broken: who connected it, or installed it. Null: unknown.
  add column told_person text,
  -- Null: installed, and connected to no organisation yet.
  add column connected_at timestamptz;
update workspaces set connected_at = created_at;

grant select (installation, told_person, connected_at), insert (installation, told_person, connected_at),
  update (installation, told_person, connected_at) on workspaces to loghunter_directory;
create policy directory_removes_unconnected on tenants for delete to loghunter_directory
  using (acts_as_directory() and loki_org_id like 'unconnected/%');
grant delete on tenants to loghunter_directory;

-- A word that lets one workspace join a tenant, once. Whoever has it was given it by that tenant, or by the operator.
create table invitations (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- SHA-256 of the word, in hex: it has 60 random bits and lives for an hour.
  code_hash text not null unique,
  invited_by text not null,
  expires_at timestamptz not null,
  -- Null: not used yet.
  used_at timestamptz
);
create index on invitations (tenant_id);
select protect_tenant_table('invitations');
create policy directory_reads on invitations for select to loghunter_directory using (acts_as_directory());
create policy directory_uses on invitations for update to loghunter_directory
  using (acts_as_directory()) with check (acts_as_directory());
grant select (id, tenant_id, code_hash, expires_at, used_at), update (used_at) on invitations to loghunter_directory;

-- Down Migration
drop table invitations;
revoke delete on tenants from loghunter_directory;
drop policy directory_removes_unconnected on tenants;
alter table workspaces drop column installation, drop column told_person, drop column connected_at;
