-- Up Migration
-- What a tenant adds to the rules of redaction that everybody has, and what it takes from them. A pattern that is removed
-- stays with who did it: who made something readable, and when, can be told afterwards.
create table redaction_patterns (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- As src/logs/redaction/patterns.ts reads it.
  pattern text not null check (pattern <> ''),
  -- hide: it is redacted although no rule knows it. show: it is readable although a rule takes it for a secret.
  effect text not null check (effect in ('hide', 'show')),
  created_by text not null,
  -- Null: live. Set: removed then.
  deleted_at timestamptz,
  -- Null while it is live.
  deleted_by text,
  check ((deleted_at is null) = (deleted_by is null))
);
create unique index redaction_patterns_live on redaction_patterns (tenant_id, lower(pattern)) where deleted_at is null;
create index on redaction_patterns (tenant_id);
select protect_tenant_table('redaction_patterns');

-- Down Migration
drop table redaction_patterns;
