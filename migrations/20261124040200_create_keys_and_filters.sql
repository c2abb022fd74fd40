-- Up Migration
create table api_keys (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  name text not null check (name <> ''),
  -- bcrypt of the raw key, which is nowhere.
  key_hash text not null,
  scopes text[] not null,
  -- Null: never used.
  last_used_at timestamptz,
  -- Null: live. Set: revoked then.
  deleted_at timestamptz
);
create index on api_keys (tenant_id);
create unique index on api_keys (tenant_id, name) where deleted_at is null;
select protect_tenant_table('api_keys');

create table saved_filters (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  name text not null check (name <> ''),
  -- service, namespace, levels, keywords.
  filter_json jsonb not null,
  created_by text not null,
  -- Null: live. Set: deleted then.
  deleted_at timestamptz
);
create index on saved_filters (tenant_id);
create unique index on saved_filters (tenant_id, name) where deleted_at is null;
select protect_tenant_table('saved_filters');

-- Down Migration
drop table saved_filters;
drop table api_keys;
