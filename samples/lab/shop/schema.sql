create role shop login password 's3cr3t-pw';
create role stock login password 'st0ck-pw';
create role reconciler login password 'r3conc1le';
create role analyst login password 'an4lyst';
create role metrics login password 'rotated-last-week';

create table stock (sku text primary key, name text not null, available int not null, reserved int not null default 0);
insert into stock select 'SKU-' || (1000 + n), 'Item ' || n, 5000 + n * 7 from generate_series(1, 240) n;

create table orders (
  id bigserial primary key,
  idempotency_key text not null constraint orders_idempotency_key_unique unique,
  email text not null,
  sku text not null,
  quantity int not null check (quantity > 0),
  total_cents int not null,
  channel text not null,
  charge_id text,
  status text not null,
  created_at timestamptz not null default now(),
  reconciled_at timestamptz
);

grant select, insert, update on all tables in schema public to shop, stock, reconciler;
grant usage on all sequences in schema public to shop;
grant select on all tables in schema public to analyst;
