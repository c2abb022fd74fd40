-- Up Migration
-- What is deleted when it is past its retention is found by its age (src/retention.ts); events, conversations, analyses,
-- clusters and what ends have indexes of it already.
create index deliveries_notices on deliveries (tenant_id, created_at) where notice is not null;
create index console_messages_by_age on console_messages (tenant_id, created_at);

-- Down Migration
drop index console_messages_by_age;
drop index deliveries_notices;
