-- Up Migration
-- A thread in which a root cause is looked for and then discussed.
create table conversations (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  workspace_id uuid not null references workspaces on delete cascade,
  channel text not null,
  -- The message that shows it. Null until the platform has.
  message_id text,
  -- The thread that message stands in: the answer to a press. Null: it stands in the channel itself.
  thread_id text,
  asked_by text not null,
  -- The act that began it: a command delivered twice begins one conversation.
  once_id text not null,
  service text not null,
  namespace text not null,
  window_start timestamptz not null,
  window_end timestamptz not null check (window_end > window_start),
  state text not null check (state in ('queued', 'answered', 'failed')),
  -- What was read and ranked, sanitized. Null until it has been gathered.
  pack jsonb,
  -- Null while unanswered, and where the answer is that the logs do not show a cause.
  analysis_id uuid,
  unique (tenant_id, id),
  unique (tenant_id, workspace_id, once_id),
  foreign key (tenant_id, analysis_id) references analysis_results (tenant_id, id) on delete set null (analysis_id)
);
-- By the message that its thread hangs under.
create index conversations_of_thread on conversations (workspace_id, channel, coalesce(thread_id, message_id), created_at desc);
create index on conversations (tenant_id, analysis_id);
create index on conversations (tenant_id, created_at desc);
create index conversations_unanswered on conversations (created_at) where state = 'queued';
select protect_tenant_table('conversations');
-- Which tenant has a question nobody answered, and nothing of what was asked.
create policy directory_reads on conversations for select to loghunter_directory using (acts_as_directory());
grant select (id, tenant_id, state, created_at) on conversations to loghunter_directory;

create table conversation_messages (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  conversation_id uuid not null,
  author text not null check (author in ('person', 'bot')),
  person_id text not null,
  body text not null,
  once_id text not null,
  unique (tenant_id, conversation_id, once_id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index on conversation_messages (tenant_id, conversation_id, created_at);
select protect_tenant_table('conversation_messages');

create table feedback (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  analysis_id uuid not null,
  workspace_id uuid not null references workspaces on delete cascade,
  person_id text not null,
  verdict text not null check (verdict in ('right', 'partly', 'wrong')),
  -- What it was instead, in the person's words. Null: not said.
  cause text,
  unique (tenant_id, analysis_id, workspace_id, person_id),
  foreign key (tenant_id, analysis_id) references analysis_results (tenant_id, id) on delete cascade
);
create index on feedback (workspace_id);
select protect_tenant_table('feedback');

-- Down Migration
drop table feedback;
drop table conversation_messages;
drop table conversations;
