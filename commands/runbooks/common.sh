# shellcheck shell=sh
# common.sh - stands in front of every built-in script. POSIX sh on Linux with /proc: Amazon Linux 2
# and 2023, Debian, Ubuntu, RHEL; busybox where it costs nothing. Works as root and as anybody.
set -u
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin
export LC_ALL PATH
unset POSIXLY_CORRECT # the sizes of df and du would be in other units

# limited SECONDS COMMAND... - gives up after that time where there is a timeout command.
limited() {
	if command -v timeout >/dev/null 2>&1; then
		timeout "$@"
	else
		shift
		"$@"
	fi
}

# shorten WIDTH - lines of at most WIDTH bytes, whole UTF-8 characters.
shorten() {
	cut -b1-2000 | awk -v width="$1" '
		length($0) > width {
			$0 = substr($0, 1, width - 3)
			while (length($0) > 0 && substr($0, length($0)) >= "\200")
				$0 = substr($0, 1, length($0) - 1)
			$0 = $0 "..."
		}
		{ print }'
}

# clean WIDTH - the same, without control characters.
clean() {
	tr -d '\000' | tr '\001-\010\013-\037\177' '?' | shorten "$1"
}

section() {
	printf '\n== %s ==\n' "$1"
}

# verdict TEXT - the first line of an output: where there is room for one line only, it is that one.
verdict() {
	printf '%s\n' "$1" | clean 150
}

title() {
	printf '%s: %s at %s\n' "$1" "$(uname -n | clean 80)" "$(date -u '+%Y-%m-%dT%H:%M:%SZ')"
}

# command_of PID NAME - the command line, or [NAME] where there is none (the kernel's own, or ended).
command_of() {
	line=$(limited 2 cat "/proc/$1/cmdline" 2>/dev/null | tr '\000-\037\177' ' ' | shorten 150)
	line=${line%"${line##*[! ]}"}
	printf '%s\n' "${line:-[$2]}"
}

# disks ''|i - df's lines of what is a disk: SOURCE SIZE USED FREE USE% MOUNT, in KiB or in inodes. Each
# source once: containers mount one in many places.
disks() {
	{ limited 5 df "-Plk$1" 2>/dev/null || limited 5 df "-Pk$1" 2>/dev/null; } | awk '
		NR == 1 || $1 ~ /^(tmpfs|devtmpfs|udev|none|shm|run|efivarfs|snapfuse)$/ || $1 ~ /^\/dev\/loop/ { next }
		$1 ~ /^(overlay|fuse)/ && $6 != "/" { next }
		$2 + 0 > 0 && !seen[$1]++ { print }'
}
