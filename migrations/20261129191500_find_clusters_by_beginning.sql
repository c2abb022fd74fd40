-- Up Migration
-- What somebody pasted often leaves out the stack that the line was met with.
create index error_clusters_beginning on error_clusters (tenant_id, template text_pattern_ops);

-- Down Migration
drop index error_clusters_beginning;
