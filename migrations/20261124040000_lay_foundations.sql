-- Up Migration
create extension if not exists "uuid-ossp";

-- Roles belong to the server, not to this database: another database of the same server may have made
-- them already, and may be making them at this very moment. A login that may not create roles works
-- where somebody else has made and granted them: src/migrations.ts says with which statements.
-- loghunter_app is what the program acts as: not the owner, bound by row-level security.
-- loghunter_directory may look across tenants, at ids only (src/tenancy/directory.ts).
do $$
declare
  role_name text;
begin
  foreach role_name in array array['loghunter_app', 'loghunter_directory'] loop
    begin
      if to_regrole(role_name) is null then
        execute format('create role %I nologin', role_name);
      end if;
    exception when duplicate_object or unique_violation then
      null;
    end;
    begin
      if not pg_has_role(current_user, role_name, 'member') then
        execute format('grant %I to %I', role_name, current_user);
      end if;
    exception when unique_violation then
      null;
    end;
  end loop;
end
$$;

grant usage on schema public to loghunter_app, loghunter_directory;

create function set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end
$$;

-- The tenant a transaction acts for. Once `set local` is over the setting reads '' and not null.
create function current_tenant_id() returns uuid language sql stable as $$
  select nullif(current_setting('app.tenant_id', true), '')::uuid
$$;

-- Policies of loghunter_directory ask this too: they also reach members of the role, and the owner, who
-- is one, is to be bound like everybody else.
create function acts_as_directory() returns boolean language sql stable as $$
  select current_user = 'loghunter_directory'
$$;

-- What every table that a tenant owns gets: the updated_at trigger, forced row-level security and the grant.
create function protect_tenant_table(target regclass) returns void language plpgsql as $$
begin
  execute format('create trigger set_updated_at before update on %s for each row execute function set_updated_at()', target);
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy tenant_isolation on %s to loghunter_app using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id())',
    target);
  execute format('grant select, insert, update, delete on %s to loghunter_app', target);
end
$$;

-- Down Migration
drop function protect_tenant_table(regclass);
drop function acts_as_directory();
drop function current_tenant_id();
drop function set_updated_at();
revoke usage on schema public from loghunter_app, loghunter_directory;
-- The roles stay: other databases of this server may use them.
drop extension "uuid-ossp";
