#!/bin/sh
# A base backup every week, verified; with ONCE=1 one, at once. What is older than KEEP_DAYS goes, with the segments that no base backup needs any more.
set -eu
base=${BASE_BACKUPS:-/base}
archive=${WAL_ARCHIVE:-/archive}
keep_days=${KEEP_DAYS:-30}
if [ -n "${PGPASSWORD_FILE:-}" ]; then
  PGPASSWORD=$(cat "$PGPASSWORD_FILE")
  export PGPASSWORD
fi

# Each step by itself: a shell ignores `set -e` in what it is asked whether it went well.
one() {
  name=$(date -u +%Y%m%dT%H%M%SZ)
  rm -rf "$base"/.new-* || return
  pg_basebackup --pgdata="$base/.new-$name" --checkpoint=fast --wal-method=stream --no-password || return
  pg_verifybackup --quiet "$base/.new-$name" || return
  mv "$base/.new-$name" "$base/$name" || return
  echo "base backup $name is whole"
  # The newest stays however old it is.
  find "$base" -mindepth 1 -maxdepth 1 -type d -mtime "+$keep_days" ! -name "$name" -exec rm -rf {} +
  forget_wal
}

# Segments before the first that the oldest base backup needs. Their names are timeline and place, both in hexadecimal: the place decides, as
# for pg_archivecleanup, and what is no segment (the history of timelines) stays.
forget_wal() {
  oldest=$(ls "$base" | sort | head -n 1)
  first=$(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]\{24\}\))$/\1/p' "$base/$oldest/backup_label")
  [ -n "$first" ] || return 1
  for segment in "$archive"/*; do
    name=${segment##*/}
    case $name in
    *.history.gz) continue ;;
    ????????????????????????*) ;;
    *) continue ;;
    esac
    place=$(printf %s "$name" | cut -c 9-24)
    if [ "$place" \< "$(printf %s "$first" | cut -c 9-24)" ]; then rm -f "$segment"; fi
  done
}

# A restart is no reason for another whole copy.
is_young() {
  [ -z "${ONCE:-}" ] && [ -n "$(find "$base" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' -mtime -7)" ]
}

# One at a time: of two, each takes what the other has begun for what was left unfinished.
where_needed() {
  (flock 9 && { is_young || one; }) 9< "$base"
}

while true; do
  if ! where_needed; then
    echo "the base backup failed: the next try is in an hour" >&2
    [ -z "${ONCE:-}" ] || exit 1
  fi
  [ -z "${ONCE:-}" ] || exit 0
  sleep 3600 &
  wait $!
done
