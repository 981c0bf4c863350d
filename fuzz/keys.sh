#!/bin/sh
# Writes seeds with a private key for fuzz_cert: PEM in its three forms, with the
# certificate, and DER. Made anew by fuzz/run.sh, since a key, be it of no worth,
# does not belong among committed files.
#   sh fuzz/keys.sh FOLDER
set -eu
[ $# = 1 ] || { echo "usage: sh fuzz/keys.sh FOLDER" >&2 && exit 2; }
folder=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# quietly COMMAND…: shows what it printed if it fails
quietly() { "$@" 2>"$dir/log" || { cat "$dir/log" >&2 && exit 1; }; }

# seed NAME FILE…: a host of one octet, then the files
seed() {
  name=$1
  shift
  (cd "$dir" && printf '\000h' && cat "$@") >"$folder/$name"
}

quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
  -subj /CN=sip.example.com -days 3650 -keyout "$dir/pkcs8" -out "$dir/cert"
quietly openssl ec -in "$dir/pkcs8" -out "$dir/sec1"
quietly openssl ec -in "$dir/pkcs8" -out "$dir/locked" -aes128 -passout pass:secret
quietly openssl ec -in "$dir/pkcs8" -out "$dir/der" -outform DER
mkdir -p "$folder"
seed key-pem cert sec1
seed key-locked cert locked
seed key-pkcs8 pkcs8 cert
seed key-der der
