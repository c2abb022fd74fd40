-- Up Migration
-- Which language model a tenant asks, and how much in a day. No row: what the operator has set for everybody.
create table model_choices (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Null: the operator's.
  provider text check (provider in ('builtin', 'ollama', 'vllm', 'openai', 'anthropic')),
  -- Null: the provider's first.
  model text,
  -- Of a day in UTC. Null: the operator's.
  daily_tokens bigint check (daily_tokens >= 0),
  daily_usd numeric(12, 4) check (daily_usd >= 0),
  set_by text not null,
  unique (tenant_id)
);
select protect_tenant_table('model_choices');

-- Each request to a model: written before it is sent, so that a process that dies has spent what it may have spent.
create table model_calls (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  provider text not null check (provider in ('ollama', 'vllm', 'openai', 'anthropic')),
  model text not null,
  purpose text not null check (purpose in ('root cause', 'question')),
  state text not null check (state in ('asking', 'answered', 'failed')),
  -- Reckoned before, counted by the provider afterwards.
  input_tokens integer not null check (input_tokens >= 0),
  cached_tokens integer not null default 0 check (cached_tokens >= 0),
  output_tokens integer not null check (output_tokens >= 0),
  -- Null: the price is not known.
  cost_usd numeric(12, 6) check (cost_usd >= 0),
  -- Why it failed. Null: it did not.
  error text
);
create index on model_calls (tenant_id, created_at);
select protect_tenant_table('model_calls');

-- Down Migration
drop table model_calls;
drop table model_choices;
