-- Up Migration
-- People type names in any case. Names are ASCII (src/filters/filter.ts), and "C" lowers I to i also where the
-- database's own locale is Turkish.
drop index saved_filters_tenant_id_name_idx;
create unique index saved_filters_live_name on saved_filters (tenant_id, lower(name collate "C")) where deleted_at is null;

-- Down Migration
drop index saved_filters_live_name;
create unique index on saved_filters (tenant_id, name) where deleted_at is null;
