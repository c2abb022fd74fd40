-- Up Migration
-- Clusters of one service whose templates differ by a name that no rule knows. They stay two clusters: this only says
-- that one resembles the other. A pair stands once, the later one first, so that what is shown of a new cluster is found
-- under its own id and never the other way round.
create table related_clusters (
  id uuid primary key default uuid_generate_v4(),
  tenant_id uuid not null references tenants on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The one that was first seen later, as far as was known when the pair was found.
  cluster_id uuid not null,
  related_id uuid not null check (related_id <> cluster_id),
  -- Which part of the words they share: src/clusters/related.ts.
  similarity real not null check (similarity > 0 and similarity < 1),
  unique (tenant_id, cluster_id, related_id),
  foreign key (tenant_id, cluster_id) references error_clusters (tenant_id, id) on delete cascade,
  foreign key (tenant_id, related_id) references error_clusters (tenant_id, id) on delete cascade
);
create index on related_clusters (tenant_id, related_id);
select protect_tenant_table('related_clusters');

-- A line that somebody pasted is compared with what was met last, whichever service wrote it.
create index error_clusters_last_seen on error_clusters (tenant_id, last_seen_at desc);

-- Down Migration
drop index error_clusters_last_seen;
drop table related_clusters;
