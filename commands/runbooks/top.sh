# shellcheck shell=sh
# top - what the CPUs do now. Two samples: the share of a process since its start says nothing of now.
# shellcheck disable=SC1083
count={{count}}
[ -n "$count" ] || count=5

first=$(sample)
sleep 1
second=$(sample)
busy=$(printf '%s\n--\n%s\n' "$first" "$second" | awk '
	$1 == "uptime" { before = now; now = $2 }
	$1 == "cpu" { for (i = 2; i <= 9; i++) { used[i] = $i - last[i]; last[i] = $i } }
	END {
		for (i = 2; i <= 9; i++) all += used[i]
		if (all <= 0) all = 1
		printf "%.1f %% busy in %.1f s: user %.1f, nice %.1f, system %.1f, interrupts %.1f, stolen %.1f; ",
			100 - (used[5] + used[6]) * 100 / all, now - before, used[2] * 100 / all, used[3] * 100 / all,
			used[4] * 100 / all, (used[7] + used[8]) * 100 / all, used[9] * 100 / all
		printf "waiting for disks %.1f, idle %.1f\n", used[6] * 100 / all, used[5] * 100 / all
	}')
hungry=$(printf '%s\n--\n%s\n' "$first" "$second" | ranked by_cpu | head -n "$count")
verdict "CPU ${busy%% in *}; most: $(printf '%s\n' "$hungry" | leader), ${hungry%% *} % of one CPU"
title top

section 'Uptime and load'
awk -v cpus="$(grep -c '^cpu[0-9]' /proc/stat)" -v up="$(elapsed "$(cut -d. -f1 /proc/uptime)")" '
	{ printf "up %s; load average %s %s %s over 1, 5 and 15 minutes; %d CPUs\n", up, $1, $2, $3, cpus }' /proc/loadavg

section 'CPU now'
printf '%s\n' "$busy"

section "The $count processes that use most CPU now (100 % is one CPU)"
printf '%s\n' "$hungry" | processes

section Memory
awk '{ kib[$1] = $2 }
	END {
		available = ("MemAvailable:" in kib) ? kib["MemAvailable:"] : kib["MemFree:"] + kib["Cached:"]
		printf "%.0f MiB, available %.0f MiB (%.1f %%); swap %.0f MiB, used %.0f MiB\n", kib["MemTotal:"] / 1024,
			available / 1024, available * 100 / kib["MemTotal:"], kib["SwapTotal:"] / 1024,
			(kib["SwapTotal:"] - kib["SwapFree:"]) / 1024
	}' /proc/meminfo

section Disks
disks '' | sort -k5,5nr | head -n 3 | awk '{
	mount = $0
	for (i = 0; i < 5; i++) sub(/^[^ ]+ +/, "", mount)
	printf "%4s of %.1f GiB used on %s\n", $5, $2 / 1048576, mount
}' | clean 150 | grep . || echo 'none that df shows'

oom_kills
exit 0
