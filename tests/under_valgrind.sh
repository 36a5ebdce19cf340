#!/bin/sh
# The sweep's build, which has no sanitizers, under valgrind, in the place of the program: errors and leaks become its exit status.
exec valgrind -q --leak-check=full --errors-for-leak-kinds=definite,indirect --show-leak-kinds=definite,indirect \
	--error-exitcode=99 --suppressions="$(dirname "$0")/valgrind.supp" "$TOCSIN_PLAIN_BIN" "$@"
