#!/bin/sh
# PostgreSQL's archive_command: archive-wal.sh <path of the segment> <its name>. What is archived is whole or not there, and never replaced by
# something else: https://www.postgresql.org/docs/15/continuous-archiving.html#BACKUP-ARCHIVING-WAL
set -eu
from=$1
name=$2
archive=${WAL_ARCHIVE:-/archive}
if [ -f "$archive/$name.gz" ]; then
  # It was archived before a crash, and PostgreSQL does not know.
  gzip -dc "$archive/$name.gz" | cmp -s "$from" -
  exit
fi
# With archive_timeout there is one each minute, 23 GB a day, of which nearly all is zeros.
gzip -c "$from" > "$archive/.$name.new"
sync "$archive/.$name.new"
mv "$archive/.$name.new" "$archive/$name.gz"
sync "$archive"
