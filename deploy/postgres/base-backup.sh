#!/bin/sh
# A base backup every week, verified; what is older than KEEP_DAYS goes, with the segments that no base backup needs any more.
set -eu
base=${BASE_BACKUPS:-/base}
archive=${WAL_ARCHIVE:-/archive}
keep_days=${KEEP_DAYS:-30}
if [ -n "${PGPASSWORD_FILE:-}" ]; then
  PGPASSWORD=$(cat "$PGPASSWORD_FILE")
  export PGPASSWORD
fi

one() {
  name=$(date -u +%Y%m%dT%H%M%SZ)
  rm -rf "$base"/.new-*
  pg_basebackup --pgdata="$base/.new-$name" --format=plain --wal-method=fetch --checkpoint=fast --no-password
  pg_verifybackup "$base/.new-$name"
  mv "$base/.new-$name" "$base/$name"
  echo "base backup $name is whole"
  # The newest stays however old it is.
  find "$base" -mindepth 1 -maxdepth 1 -type d -mtime "+$keep_days" ! -name "$name" -exec rm -rf {} +
  oldest=$(ls "$base" | sort | head -n 1)
  first=$(sed -n 's/^START WAL LOCATION: .* (file \(.*\))$/\1/p' "$base/$oldest/backup_label")
  pg_archivecleanup "$archive" "$first"
}

while true; do
  if one; then
    pause=604800
  else
    echo "the base backup failed: the next try is in an hour" >&2
    pause=3600
  fi
  [ "${ONCE:-}" = "" ] || exit 0
  sleep "$pause" &
  wait $!
done
