-- Up Migration
-- A table that others refer to has `unique (tenant_id, id)`, and they refer to both: the checks of foreign
-- keys pass row-level security by, so a row could otherwise hang on another tenant's.

create table error_clusters (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  service text not null check (service <> ''),
  -- '' where the source has no namespaces.
  namespace text not null,
  -- Hash of the normalised message, with its version: 'v1:…'.
  fingerprint text not null,
  -- The worst level seen; not part of the fingerprint.
  level text not null check (level in ('ERROR', 'WARN', 'FATAL', 'CRITICAL')),
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- Occurrences in the window that was read last.
  count bigint not null check (count >= 0),
  window_start timestamptz not null,
  window_end timestamptz not null check (window_end >= window_start),
  -- The normalised message, for people.
  template text not null,
  -- One line, sanitized: redacted and length-capped.
  sample_message text not null,
  unique (tenant_id, id),
  unique (tenant_id, namespace, service, fingerprint)
);
create index on error_clusters (tenant_id, service, last_seen_at desc);
select protect_tenant_table('error_clusters');

create table analysis_results (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The cluster that the root cause is about.
  cluster_id uuid not null,
  provider text not null check (provider in ('builtin', 'ollama', 'vllm', 'openai', 'anthropic')),
  model text not null,
  root_cause text not null,
  confidence double precision not null check (confidence between 0 and 1),
  summary text not null,
  -- Null: there is nothing sensible to suggest.
  suggested_action text,
  -- The quoted evidence, sanitized like samples.
  evidence jsonb not null,
  unique (tenant_id, id),
  foreign key (tenant_id, cluster_id) references error_clusters (tenant_id, id) on delete cascade
);
create index on analysis_results (tenant_id, cluster_id);
create index on analysis_results (tenant_id, created_at desc);
select protect_tenant_table('analysis_results');

-- Down Migration
drop table analysis_results;
drop table error_clusters;
