#!/bin/sh
# need.sh build|demo|test|lint - installs the Debian 12 packages that are missing, if it may.
set -u
build="build-essential pkg-config libwebsockets-dev libcurl4-openssl-dev libsqlite3-dev
libssl-dev libhttp-parser-dev libyaml-dev libexpat1-dev libcairo2-dev fonts-dejavu-core tzdata"
demo="$build python3 python3-aiohttp python3-cryptography python3-botocore openssl"
test="$demo libcmocka-dev libgsl-dev valgrind clang-14 libclang-rt-14-dev python3-pytest python3-yaml python3-jsonschema
python3-boto3 python3-requests shellcheck busybox npm prometheus"
lint="$build clang-tidy-14 cppcheck"
# Of prometheus only the program is wanted: tests start their own. Its service may be disabled.
case "${1:-}" in
build) wanted=$build ;;
demo) wanted=$demo ;;
lint) wanted=$lint ;;
test)
	wanted=$test
	# Any npm will do; Debian's brings hundreds of packages.
	command -v npm >/dev/null 2>&1 && wanted=$(echo "$wanted" | sed 's/\<npm\>//') ;;
*)
	echo "usage: $0 build|demo|test|lint" >&2
	exit 2 ;;
esac
missing=
for package in $wanted; do
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	as_root="sudo -n"
else
	echo "Some packages are missing. Please run this as root, then try again:" >&2
	echo "$install" >&2
	exit 1
fi
echo "installing:$missing"
log=$(mktemp)
if ! { $as_root apt-get update && DEBIAN_FRONTEND=noninteractive $as_root env DEBIAN_FRONTEND=noninteractive $install; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	rm -f "$log"
	exit 1
fi
rm -f "$log"
