set default_tablespace = bulk; -- the volume that the rendered files are on, too

create role reports login password 'rep0rts-pw';
create role archiver login password '4rchive-pw';

create table reports (
  id bigserial primary key,
  title text not null,
  kind text not null constraint reports_kind_known check (kind in ('sales', 'stock', 'payroll', 'audit')),
  email text not null,
  input text,
  preview bytea,
  bytes int,
  status text not null default 'rendering',
  created_at timestamptz not null default now()
);
alter table reports alter column input set storage external;
alter table reports alter column preview set storage external;

grant select, insert, update on reports to reports, archiver;
grant usage on all sequences in schema public to reports;
