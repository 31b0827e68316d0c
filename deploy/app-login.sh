#!/bin/sh
# Run once by the database's image: the login of pages and worker, which owns nothing.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --set=word="$WANGGE_APP_PASSWORD" <<'SQL'
CREATE ROLE wangge_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'word';
SQL
