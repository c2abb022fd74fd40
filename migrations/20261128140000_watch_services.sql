-- Up Migration
-- What each service's logs are usually like, over a window that rolls on: one row a service, and with it what the detector
-- knows, so that a process that starts goes on where another one stopped.
alter table anomaly_baselines
  drop constraint anomaly_baselines_tenant_id_namespace_service_window_start__key,
  add constraint anomaly_baselines_once unique (tenant_id, namespace, service),
  -- The last minute in which it logged anything.
  add column last_seen_at timestamptz not null default now(),
  -- src/anomalies/serviceWatch.ts: seasons of day and week, spread and rarity, as of window_end. Null: none was saved yet.
  add column detectors bytea;

-- One watch a tenant: who scans it now, up to when it was scanned, and what is done with what is found.
create table watches (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The end of the last minute that was scanned: what it found stands in anomaly_events. Null: none yet.
  scanned_until timestamptz,
  -- Where what was learnt begins. Null: nothing yet.
  learned_from timestamptz,
  -- Since when error lines have been read, to know which kinds there are. Null: none yet.
  kinds_from timestamptz,
  -- Whoever scans it now, and until when nobody else may. Null: nobody.
  lease_owner uuid,
  lease_until timestamptz,
  -- The last one who scanned it: it has the detectors in memory. Null: nobody yet.
  last_owner uuid,
  -- Since when the log source fails, and its last words. Null: it answers.
  failing_since timestamptz,
  failure text,
  -- Since when no service has logged anything. Null: some do.
  silent_since timestamptz,
  -- Null: shadow mode, in which alerts are collected and not posted.
  live_since timestamptz,
  -- Who went live or back. Null: nobody did yet.
  mode_set_by text,
  -- The last day of which shadow mode's summary was owed. Null: none yet.
  summarised_on date,
  unique (tenant_id),
  check ((lease_owner is null) = (lease_until is null)),
  check ((failing_since is null) = (failure is null))
);
select protect_tenant_table('watches');
-- Which tenants are due, and nothing of what was found.
create policy directory_reads on watches for select to loghunter_directory using (acts_as_directory());
grant select (id, tenant_id, scanned_until, lease_until, last_owner) on watches to loghunter_directory;

alter table anomaly_events
  -- Of new_error: the kind of line. '' for the metrics that are rates.
  add column fingerprint text not null default '',
  -- Where what is odd began; detected_at is the end of the minute in which it could be told.
  add column started_at timestamptz,
  -- log10 of the weeks until chance gives one like it, at its worst.
  add column score double precision not null default 0,
  -- What was usual when it began, per minute; the message that is sent needs it when the baseline has moved on.
  add column usual_low double precision not null default 0,
  add column usual_high double precision not null default 0,
  add column direction text not null default 'up' check (direction in ('up', 'down', 'silence')),
  -- The last minute that was odd.
  add column last_odd_at timestamptz,
  -- Each condition with its number, as of when it was detected: what explain says.
  add column conditions jsonb not null default '[]',
  -- Why it was resolved: back to normal, a new normal, or by somebody. Null: open.
  add column resolution text,
  -- Whether it was detected in shadow mode: then nothing is posted about it.
  add column is_shadow boolean not null default false;
update anomaly_events set started_at = detected_at, last_odd_at = detected_at;
alter table anomaly_events
  alter column started_at set not null,
  alter column last_odd_at set not null,
  add constraint anomaly_events_resolution check (resolved_at is not null or resolution is null);
-- An episode that two processes detect, or one twice, is one row.
create unique index anomaly_events_once on anomaly_events (
  tenant_id, namespace, service, metric, fingerprint, started_at
);
create unique index anomaly_events_open on anomaly_events (
  tenant_id, namespace, service, metric, fingerprint
) where resolved_at is null;

-- What people say of an episode: it moves the service's threshold, within bounds, until it is taken back.
create table anomaly_labels (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  anomaly_event_id uuid not null,
  verdict text not null check (verdict in ('right', 'no anomaly')),
  person_id text not null,
  unique (tenant_id, anomaly_event_id),
  foreign key (tenant_id, anomaly_event_id) references anomaly_events (tenant_id, id) on delete cascade
);
create index on anomaly_labels (tenant_id, updated_at);
select protect_tenant_table('anomaly_labels');

-- How a service is watched. Of a column that is null, what holds for all services.
create table watch_settings (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- '' for all services.
  service text not null,
  namespace text not null,
  sensitivity text check (sensitivity in ('low', 'normal', 'high')),
  -- Lines more or fewer than usual, at least.
  least_lines integer check (least_lines between 1 and 1000000),
  -- Minutes in a row that have to be odd.
  persistence_minutes integer check (persistence_minutes between 1 and 60),
  set_by text not null,
  unique (tenant_id, namespace, service),
  check (service <> '' or namespace = '')
);
select protect_tenant_table('watch_settings');

-- Spans in which a service is worked on: nothing is detected and nothing is learnt.
create table maintenance_windows (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- '' for all services.
  service text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at >= starts_at),
  -- Null: nobody said why.
  reason text,
  set_by text not null
);
create index on maintenance_windows (tenant_id, ends_at);
select protect_tenant_table('maintenance_windows');

-- Down Migration
drop table maintenance_windows;
drop table watch_settings;
drop table anomaly_labels;
drop index anomaly_events_open;
drop index anomaly_events_once;
alter table anomaly_events
  drop constraint anomaly_events_resolution,
  drop column is_shadow,
  drop column resolution,
  drop column conditions,
  drop column last_odd_at,
  drop column direction,
  drop column usual_high,
  drop column usual_low,
  drop column score,
  drop column started_at,
  drop column fingerprint;
drop table watches;
alter table anomaly_baselines
  drop constraint anomaly_baselines_once,
  drop column detectors,
  drop column last_seen_at,
  add constraint anomaly_baselines_tenant_id_namespace_service_window_start__key
    unique (tenant_id, namespace, service, window_start, window_end);
