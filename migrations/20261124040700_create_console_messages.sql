-- Up Migration
create sequence console_revisions;
grant usage on sequence console_revisions to loghunter_app;

-- What stands in the web console: the one chat platform that has no server of its own to keep it.
create table console_messages (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  workspace_id uuid not null references workspaces on delete cascade,
  channel text not null,
  -- The message this one answers. Null: it stands in the channel itself.
  thread_id uuid,
  -- Null: the bot.
  author_id text,
  author_name text,
  -- Exactly one of the two.
  body_text text,
  body_card jsonb,
  -- The only person who may see it. Null: everybody in the channel.
  only_for text,
  once_id text not null,
  -- Grows with every change, so that a page can ask what changed since. Taken under the workspace's lock
  -- (src/console/history.ts), so that a lower one never appears after a higher one.
  revision bigint not null default nextval('console_revisions'),
  unique (tenant_id, id),
  unique (tenant_id, workspace_id, once_id),
  foreign key (tenant_id, thread_id) references console_messages (tenant_id, id) on delete cascade,
  check ((body_text is null) <> (body_card is null)),
  check ((author_id is null) = (author_name is null))
);
create index on console_messages (tenant_id, thread_id);
create index on console_messages (workspace_id, channel, revision);
create index on console_messages (workspace_id, channel, created_at desc);
select protect_tenant_table('console_messages');

-- Down Migration
drop table console_messages;
drop sequence console_revisions;
