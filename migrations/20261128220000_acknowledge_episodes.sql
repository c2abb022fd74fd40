-- Up Migration
alter table anomaly_events
  -- Who looks into it, as they are called, and since when. Null: nobody said so.
  add column acknowledged_by text check (acknowledged_by <> ''),
  add column acknowledged_at timestamptz,
  add constraint anomaly_events_acknowledgement check ((acknowledged_by is null) = (acknowledged_at is null));

-- Down Migration
alter table anomaly_events
  drop constraint anomaly_events_acknowledgement,
  drop column acknowledged_by,
  drop column acknowledged_at;
