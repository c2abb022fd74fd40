-- Up Migration
-- A line that somebody pasted names no service.
create index error_clusters_fingerprint on error_clusters (tenant_id, fingerprint, last_seen_at desc);

-- Down Migration
drop index error_clusters_fingerprint;
