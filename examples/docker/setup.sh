#!/bin/sh
# Creates the secrets, once: the files in secrets/, and a self-signed certificate in certs/.
# Existing files stay.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets certs
chmod 700 secrets certs

# Readable by all users, because the user of the container is another one than yours; the folder
# itself is closed to other users of this machine.
keep() {
    [ -e "secrets/$1" ] || { printf '%s' "$2" >"secrets/$1" && chmod 444 "secrets/$1"; }
}

keep JWT_SECRET_KEY "$(openssl rand -base64 48)"
keep STREAMLIT_SERVER_COOKIE_SECRET "$(openssl rand -base64 48)"
keep POSTGRES_PASSWORD "$(openssl rand -hex 24)"
keep PERSISTAUTH_DATABASE_URL "postgresql://app:$(cat secrets/POSTGRES_PASSWORD)@database/app"

[ -e certs/server.key ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -days 90 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout certs/server.key -out certs/server.crt
