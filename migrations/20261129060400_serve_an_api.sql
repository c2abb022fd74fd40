-- Up Migration
-- A root cause that was asked for through the API is shown in no channel.
alter table conversations
  -- Null: no workspace's.
  alter column workspace_id drop not null,
  -- Null: shown nowhere.
  alter column channel drop not null,
  add constraint conversations_shown check ((workspace_id is null) = (channel is null));
create unique index conversations_of_no_workspace on conversations (tenant_id, once_id) where workspace_id is null;

-- Pages of lists go by a time and, where that is the same, by the id.
drop index error_clusters_last_seen;
create index error_clusters_last_seen on error_clusters (tenant_id, last_seen_at desc, id desc);
drop index analysis_results_tenant_id_created_at_idx;
create index analysis_results_newest on analysis_results (tenant_id, created_at desc, id desc);
drop index conversations_tenant_id_created_at_idx;
create index conversations_newest on conversations (tenant_id, created_at desc, id desc);
create index conversations_by_state on conversations (tenant_id, state, created_at desc, id desc);
create index anomaly_events_by_severity on anomaly_events (tenant_id, severity, detected_at desc, id desc);

alter table api_keys add constraint api_keys_of_tenant unique (tenant_id, id);
-- Requests that a client may send again and that are to be done once.
create table api_requests (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  api_key_id uuid not null,
  -- The client's Idempotency-Key.
  once_id text not null,
  -- SHA-256 of method, path and body: the same key with another request is a mistake.
  request_hash text not null,
  -- Until then it is in hand; a process that died in the middle of it ends no request.
  in_hand_until timestamptz not null,
  -- What was answered. Null: nothing yet.
  status integer check (status between 100 and 599),
  -- As it was sent, to the byte.
  answer text,
  unique (tenant_id, api_key_id, once_id),
  check ((status is null) = (answer is null)),
  foreign key (tenant_id, api_key_id) references api_keys (tenant_id, id) on delete cascade
);
create index on api_requests (tenant_id, created_at);
select protect_tenant_table('api_requests');

-- Down Migration
drop table api_requests;
alter table api_keys drop constraint api_keys_of_tenant;
drop index anomaly_events_by_severity;
drop index conversations_by_state;
drop index conversations_newest;
create index on conversations (tenant_id, created_at desc);
drop index analysis_results_newest;
create index on analysis_results (tenant_id, created_at desc);
drop index error_clusters_last_seen;
create index error_clusters_last_seen on error_clusters (tenant_id, last_seen_at desc);
delete from conversations where workspace_id is null;
drop index conversations_of_no_workspace;
alter table conversations
  drop constraint conversations_shown,
  alter column channel set not null,
  alter column workspace_id set not null;
