# shellcheck shell=sh
# memory - how much is left, who has it, and who takes more right now.
# shellcheck disable=SC1083
count={{count}}
[ -n "$count" ] || count=5

first=$(sample)
sleep 2
second=$(sample)
largest=$(printf '%s\n--\n%s\n' "$first" "$second" | ranked by_memory | head -n "$count")
used=$(awk '{ kib[$1] = $2 }
	END {
		available = ("MemAvailable:" in kib) ? kib["MemAvailable:"] : kib["MemFree:"] + kib["Cached:"]
		printf "%.1f %% used", 100 - available * 100 / kib["MemTotal:"]
	}' /proc/meminfo)
mebibytes=$(printf '%s\n' "$largest" | awk 'NR == 1 { printf "%.0f", $2 / 1024 }')
verdict "memory $used; most: $(printf '%s\n' "$largest" | leader), $mebibytes MiB"
title memory

section Memory
awk '{ kib[$1] = $2 }
	END {
		available = ("MemAvailable:" in kib) ? kib["MemAvailable:"] : kib["MemFree:"] + kib["Cached:"]
		printf "total %.0f MiB, available %.0f MiB (%.1f %%), free %.0f MiB\n", kib["MemTotal:"] / 1024,
			available / 1024, available * 100 / kib["MemTotal:"], kib["MemFree:"] / 1024
		printf "caches %.0f MiB, written back later %.0f MiB, kernel (not reclaimable) %.0f MiB\n",
			(kib["Cached:"] + kib["Buffers:"]) / 1024, kib["Dirty:"] / 1024, kib["SUnreclaim:"] / 1024
		printf "swap %.0f MiB, used %.0f MiB\n", kib["SwapTotal:"] / 1024,
			(kib["SwapTotal:"] - kib["SwapFree:"]) / 1024
		if (kib["HugePages_Total:"] > 0)
			printf "huge pages %d of %.0f MiB, free %d\n", kib["HugePages_Total:"], kib["Hugepagesize:"] / 1024,
				kib["HugePages_Free:"]
	}' /proc/meminfo
[ ! -r /proc/pressure/memory ] || awk '$1 == "some" {
	split($2, a, "="); split($3, b, "=")
	printf "processes waited for memory %s %% of the last 10 s, %s %% of the last minute\n", a[2], b[2]
}' /proc/pressure/memory 2>/dev/null

section "The $count processes with most resident memory"
printf '%s\n' "$largest" | processes

section 'Grown within these 2 seconds'
grown=$(printf '%s\n--\n%s\n' "$first" "$second" | ranked by_growth | awk '$3 > 0' | head -n "$count")
if [ -n "$grown" ]; then
	printf '%s\n' "$grown" | processes
else
	echo 'no process'
fi

oom_kills

section 'tmpfs and shared memory (part of the memory in use)'
awk '/^Shmem:/ { printf "%.0f MiB in all\n", $2 / 1024 }' /proc/meminfo
limited 5 df -Pk 2>/dev/null | awk '($1 == "tmpfs" || $1 == "shm") && $3 >= 1024' | sort -k3,3nr | head -n 5 | awk '{
	mount = $0
	for (i = 0; i < 5; i++) sub(/^[^ ]+ +/, "", mount)
	printf "%.0f MiB of %.0f MiB on %s\n", $3 / 1024, $2 / 1024, mount
}' | clean 150
awk 'NR > 1 { bytes += $4; n++ } END { if (n > 0) printf "%d System V segments of %.0f MiB\n", n, bytes / 1048576 }' \
	/proc/sysvipc/shm 2>/dev/null

# Groups with a limit of their own: version 2 has the word max where there is none, version 1 a huge number.
section 'Control groups with a limit, the fullest first'
limited 5 find /sys/fs/cgroup -maxdepth 6 \( -name memory.max -o -name memory.limit_in_bytes \) 2>/dev/null |
	head -n 2000 | while read -r file; do
	folder=${file%/*}
	read -r limit <"$file" || continue
	{ read -r used <"$folder/memory.current" || read -r used <"$folder/memory.usage_in_bytes"; } || continue
	[ "$limit" = max ] || printf '%s %s %s\n' "$used" "$limit" "${folder#/sys/fs/cgroup}"
done 2>/dev/null | awk '$2 > 0 && $2 < 1e15 {
	group = $0
	sub(/^[^ ]+ [^ ]+ ?/, "", group)
	printf "%5.1f %% of %.0f MiB: %s\n", $1 * 100 / $2, $2 / 1048576, group == "" ? "/" : group
}' | sort -k1,1nr | head -n 5 | clean 200 | grep . || echo none
exit 0
