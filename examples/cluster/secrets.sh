#!/usr/bin/env bash
# secrets.sh DIR [NAME…]
# Makes, in DIR, whatever is not there yet: an authority (ca.pem), a certificate of the nodes and of
# PostgreSQL for the names and addresses (node.pem, node.key), passwords, and keys of the store.
set -euo pipefail
dir=$1
shift
umask 077
mkdir -p "$dir"
cd "$dir"

# new FILE COMMAND…: a file is complete or not there.
new() {
  local file=$1
  shift
  [ -e "$file" ] || { "$@" >"$file.new" && mv "$file.new" "$file"; }
}
random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
credentials() {
  printf '[default]\naws_access_key_id = towpath\naws_secret_access_key = %s\n' "$(random)"
}

new catalog.password random
new admin.password random
new store.credentials credentials
if [ ! -e node.pem ]; then
  names=DNS:localhost,IP:127.0.0.1
  for name in "$@"; do
    case $name in *[!0-9.]*) names+=,DNS:$name ;; *) names+=,IP:$name ;; esac
  done
  key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "${key[@]}" -days 3650 -subj '/CN=Towpath example authority' \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' -keyout ca.key -out ca.pem 2>openssl.log
  openssl req "${key[@]}" -subj /CN=localhost -keyout node.key -out node.csr 2>>openssl.log
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "$names" >node.ext
  openssl x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 397 \
    -extfile node.ext -out node.new 2>>openssl.log
  # The chain, as clients may want it.
  cat ca.pem >>node.new
  mv node.new node.pem
  # Certificates are public.
  chmod 644 ca.pem node.pem
  rm -f node.csr node.ext ca.srl openssl.log
fi
