-- Up Migration
-- Who did what, from where. Written with what it tells of, and never changed.
create table audit_entries (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- person: of a chat platform; key: an API key; operator: whoever runs LogHunter, at its terminal; loghunter: itself.
  actor text not null check (actor in ('person', 'key', 'operator', 'loghunter')),
  -- The platform's id of the person, or the key's id. Empty for the others.
  actor_id text not null,
  -- As it was then: names change, and what is told here does not.
  actor_name text not null,
  -- Null: not from a chat, or from one that has gone.
  workspace_id uuid references workspaces on delete set null,
  -- The platform's id. Null: from no channel.
  channel text,
  -- Null: it came in no request.
  address text,
  -- key.created, role.changed, access.refused: docs/keys.md lists them.
  action text not null check (action ~ '^[a-z]+\.[a-z-]+$'),
  -- What it is about: key, role. Kept beside the action, since no index of split_part serves where row-level security is: it may leak.
  about text not null generated always as (split_part(action, '.', 1)) stored,
  -- What it was done to, by its name. Empty: to nothing that has one.
  subject text not null,
  -- More of it, in words by name, without any secret.
  detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object')
);
create index on audit_entries (tenant_id, created_at desc, id desc);
create index on audit_entries (tenant_id, about, created_at desc, id desc);
create index on audit_entries (workspace_id);
select protect_tenant_table('audit_entries');
-- Nothing changes, nothing goes before its time, and nobody says when it was. What is deleted is locked first, which asks for the right
-- to update.
revoke insert, update on audit_entries from loghunter_app;
grant insert (tenant_id, actor, actor_id, actor_name, workspace_id, channel, address, action, subject, detail),
  update (updated_at) on audit_entries to loghunter_app;
create policy nothing_changes on audit_entries as restrictive for update to loghunter_app
  using (created_at < now() - interval '400 days') with check (false);
create policy nothing_goes on audit_entries as restrictive for delete to loghunter_app
  using (created_at < now() - interval '400 days');

-- Down Migration
drop table audit_entries;
