-- Up Migration
-- The outbox: one message, or one edit of it, owed to one channel.
create table deliveries (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  workspace_id uuid not null references workspaces on delete cascade,
  channel text not null,
  -- What it reports: a conversation or an anomaly event. Exactly one is set.
  conversation_id uuid,
  anomaly_event_id uuid,
  -- answer: the conversation's message is edited or, if it never stood, posted.
  kind text not null check (kind in ('answer', 'reply', 'alert')),
  -- Grows with each state of the same message; the newest wins.
  sequence integer not null check (sequence >= 0),
  card jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'sent', 'refused')),
  -- The platform's id of the message. Null until one is known.
  message_id text,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  -- Null: nobody is sending it.
  lease_owner uuid,
  lease_until timestamptz,
  -- Why the last attempt did not end in sent. Null: none failed.
  last_error text,
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
  foreign key (tenant_id, anomaly_event_id) references anomaly_events (tenant_id, id) on delete cascade,
  check ((conversation_id is null) <> (anomaly_event_id is null)),
  check ((lease_owner is null) = (lease_until is null))
);
create unique index deliveries_once on deliveries (
  tenant_id, workspace_id, channel, coalesce(conversation_id, anomaly_event_id), kind, sequence
);
create index on deliveries (workspace_id);
create index on deliveries (tenant_id, conversation_id);
create index on deliveries (tenant_id, anomaly_event_id);
-- For the directory, who looks across tenants; for a tenant's next one; and for what status counts.
create index deliveries_due on deliveries (next_attempt_at) where state = 'pending';
create index deliveries_next on deliveries (tenant_id, next_attempt_at, sequence, id) where state = 'pending';
create index deliveries_unsent on deliveries (tenant_id, state) where state <> 'sent';
select protect_tenant_table('deliveries');
-- Which tenant has something due, and nothing of what it says.
create policy directory_reads on deliveries for select to loghunter_directory using (acts_as_directory());
grant select (id, tenant_id, state, next_attempt_at, lease_until) on deliveries to loghunter_directory;

-- Down Migration
drop table deliveries;
