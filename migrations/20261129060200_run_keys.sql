-- Up Migration
-- Keys that are made in a channel and shown to one person.
alter table api_keys
  -- The last characters of the raw key, by which people tell theirs apart; they are of its checksum. Empty: made before they were kept.
  add column last_four text not null default '',
  -- The platform's id of the person; "operator" for one made at LogHunter's terminal. Empty: made before that was kept.
  add column created_by text not null default '',
  -- Null: never.
  add column expires_at timestamptz,
  -- When the one who asked was shown it. Null: nobody is known to have it, and it opens nothing.
  add column shown_at timestamptz,
  -- Null: it is the one of its name. Set: another took its place then, and it works until it expires.
  add column replaced_at timestamptz,
  -- How often it may be used in a minute. Null: as often as every key.
  add column per_minute integer check (per_minute between 1 and 1000000);
drop index api_keys_tenant_id_name_idx;
-- One that nobody has seen yet takes no name: it may be to replace the one that has it.
create unique index api_keys_current on api_keys (tenant_id, lower(name))
  where deleted_at is null and replaced_at is null and shown_at is not null;
create index api_keys_ending on api_keys (tenant_id, expires_at) where deleted_at is null;
-- Whose key it is that somebody shows at the door, before any tenant is known.
create policy directory_reads on api_keys for select to loghunter_directory using (acts_as_directory());
grant select (id, tenant_id, key_hash, name, scopes, per_minute, expires_at, shown_at, deleted_at) on api_keys
  to loghunter_directory;

-- Down Migration
revoke select (id, tenant_id, key_hash, name, scopes, per_minute, expires_at, shown_at, deleted_at) on api_keys
  from loghunter_directory;
drop policy directory_reads on api_keys;
drop index api_keys_ending;
-- What took another's place would stand beside it under the same name, and so would what was not shown, or what was made before
-- that was kept and whose name another took since. What is revoked stands in nobody's way.
delete from api_keys k where deleted_at is null and (replaced_at is not null or shown_at is null and (
  last_four <> '' or exists (
    select from api_keys o
    where o.tenant_id = k.tenant_id and o.name = k.name and o.deleted_at is null and o.replaced_at is null and o.shown_at is not null
  )
));
drop index api_keys_current;
create unique index on api_keys (tenant_id, name) where deleted_at is null;
alter table api_keys
  drop column per_minute,
  drop column replaced_at,
  drop column shown_at,
  drop column expires_at,
  drop column created_by,
  drop column last_four;
