#!/bin/sh
# Sets each secret file as the environment variable of its name, then becomes the command. So a
# secret stands in no image, no compose file and no `docker inspect`.
set -eu

for file in "${SECRETS_FOLDER:-/run/secrets}"/*; do
    name=${file##*/}
    case $name in
        *[!A-Z0-9_]*) continue ;;
    esac
    value=$(cat "$file")
    export "$name=$value"
done

exec "$@"
