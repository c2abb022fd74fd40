/** What the first migration does, since roles are in no dump: they belong to the server. */
export const ROLES = `
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
    if not pg_has_role(current_user, role_name, 'member') then
      execute format('grant %I to %I', role_name, current_user);
    end if;
  end loop;
end
$$;`;

/** All that is in the database but its extensions and the schema "public" itself. */
export const TAKE_OUT = `
do $$
declare
  one record;
begin
  for one in
    select nspname from pg_namespace
    where nspname not like 'pg\\_%' and nspname not in ('public', 'information_schema')
  loop
    execute format('drop schema %I cascade', one.nspname);
  end loop;
  for one in
    select c.oid::regclass as name, case c.relkind when 'v' then 'view' when 'm' then 'materialized view'
      when 'S' then 'sequence' else 'table' end as kind
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('e', 'a', 'i'))
    order by c.relkind = 'S'
  loop
    execute format('drop %s if exists %s cascade', one.kind, one.name);
  end loop;
  for one in
    select p.oid::regprocedure as name from pg_proc p
    where p.pronamespace = 'public'::regnamespace
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  loop
    execute format('drop routine if exists %s cascade', one.name);
  end loop;
  for one in
    select t.oid::regtype as name from pg_type t
    where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd', 'r')
      and not exists (select from pg_depend d where d.objid = t.oid and d.deptype = 'e')
  loop
    execute format('drop type if exists %s cascade', one.name);
  end loop;
end
$$;`;
