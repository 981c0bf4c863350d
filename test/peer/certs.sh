# Sourced after common.sh: certificates made with openssl, PEM files in $certs,
# gone with the test.
certs=$dir/certs
loopback=DNS:localhost,IP:127.0.0.1,IP:::1 # the names of a server there
mkdir "$certs"
: >"$certs/index" # of what was issued; openssl ca wants it
cat >"$certs/ca.cnf" <<CONFIG
[ca]
default_ca = tests
[tests]
database = $certs/index
new_certs_dir = $certs
rand_serial = yes
unique_subject = no
default_md = sha256
default_days = 30
policy = any
[any]
commonName = supplied
CONFIG

openssl_must() {
  openssl "$@" >"$dir/openssl.log" 2>&1 ||
    fail "openssl $1 does its part" "$dir/openssl.log"
}

# make_key FILE KIND: ec, or rsa:BITS.
make_key() {
  case $2 in
  ec) openssl_must genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
    -out "$1" ;;
  rsa:*) openssl_must genpkey -algorithm RSA \
    -pkeyopt "rsa_keygen_bits:${2#rsa:}" -out "$1" ;;
  esac
}

# make_ca NAME: NAME.crt and NAME.key
make_ca() {
  make_key "$certs/$1.key" ec
  openssl_must req -x509 -new -key "$certs/$1.key" -subj "/CN=test CA $1" \
    -days 30 -addext keyUsage=critical,keyCertSign,cRLSign \
    -out "$certs/$1.crt"
}

# make_cert CA NAME NAMES [KIND [openssl ca's options…]]: NAME.crt and NAME.key,
# for the subjectAltName NAMES, which may be "".
make_cert() {
  ca=$1 name=$2 names=$3 kind=${4:-ec}
  shift $(($# < 4 ? $# : 4))
  make_key "$certs/$name.key" "$kind"
  openssl_must req -new -key "$certs/$name.key" -subj "/CN=$name" \
    -out "$certs/$name.csr"
  {
    echo "basicConstraints = critical, CA:FALSE"
    echo "extendedKeyUsage = serverAuth, clientAuth"
    [ -z "$names" ] || echo "subjectAltName = $names"
  } >"$certs/$name.ext"
  openssl_must ca -batch -notext -config "$certs/ca.cnf" \
    -cert "$certs/$ca.crt" -keyfile "$certs/$ca.key" \
    -extfile "$certs/$name.ext" -in "$certs/$name.csr" \
    -out "$certs/$name.crt" "$@"
}

# make_crl CA NAME: CA.crl, which revokes NAME.crt
make_crl() {
  for step in "-revoke $certs/$2.crt" "-gencrl -crldays 30 -out $certs/$1.crl"
  do
    openssl_must ca -config "$certs/ca.cnf" -cert "$certs/$1.crt" \
      -keyfile "$certs/$1.key" $step
  done
}

# make_selfsigned NAME NAMES
make_selfsigned() {
  make_key "$certs/$1.key" ec
  openssl_must req -x509 -new -key "$certs/$1.key" -subj "/CN=$1" -days 30 \
    -addext "subjectAltName = $2" -out "$certs/$1.crt"
}
