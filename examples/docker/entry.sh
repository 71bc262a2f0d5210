#!/bin/sh
# Sets each secret file as the environment variable of its name, then executes the command. So no
# secret is in the image, in the compose file or in the output of `docker inspect`.
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
