-- Up Migration
create table anomaly_baselines (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  service text not null check (service <> ''),
  namespace text not null,
  window_start timestamptz not null,
  window_end timestamptz not null check (window_end > window_start),
  -- Lines per minute.
  avg_log_rate double precision not null check (avg_log_rate >= 0),
  avg_error_rate double precision not null check (avg_error_rate >= 0),
  p95_error_rate double precision not null check (p95_error_rate >= 0),
  unique (tenant_id, namespace, service, window_start, window_end)
);
create index on anomaly_baselines (tenant_id, service, window_end desc);
select protect_tenant_table('anomaly_baselines');

create table anomaly_events (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  service text not null check (service <> ''),
  namespace text not null,
  detected_at timestamptz not null,
  -- Null: still open.
  resolved_at timestamptz check (resolved_at >= detected_at),
  severity text not null check (severity in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  metric text not null check (metric in ('error_rate', 'log_volume', 'silence', 'new_error', 'error_ratio')),
  baseline_value double precision not null,
  observed_value double precision not null,
  -- Observed / baseline; kept because the baseline moves on and the message that was sent does not.
  deviation_factor double precision not null,
  notified boolean not null default false,
  unique (tenant_id, id)
);
create index on anomaly_events (tenant_id, detected_at desc, id);
create index on anomaly_events (tenant_id, service, detected_at desc, id);
create index on anomaly_events (tenant_id, detected_at desc, id) where resolved_at is null;
create index on anomaly_events (tenant_id, service, detected_at desc, id) where resolved_at is null;
select protect_tenant_table('anomaly_events');

create table deploy_markers (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  service text not null check (service <> ''),
  namespace text not null,
  version text not null check (version <> ''),
  deployed_at timestamptz not null,
  -- Who or what said so.
  marked_by text not null,
  -- The act that made it: a command delivered twice marks once.
  once_id text not null,
  unique (tenant_id, once_id)
);
create index on deploy_markers (tenant_id, deployed_at desc);
select protect_tenant_table('deploy_markers');

-- Down Migration
drop table deploy_markers;
drop table anomaly_events;
drop table anomaly_baselines;
