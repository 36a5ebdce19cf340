# shellcheck shell=sh
# processes.sh - behind common.sh in the scripts about processes.

# elapsed SECONDS - 05:10, 3:05:10, 2d 3:05:10
elapsed() {
	awk -v s="$1" 'BEGIN {
		s = int(s); d = int(s / 86400); h = int(s / 3600) % 24
		if (d > 0) printf "%dd ", d
		if (d > 0 || h > 0) printf "%d:", h
		printf "%02d:%02d\n", int(s / 60) % 60, s % 60
	}'
}

# sample - the times of the machine, then of every process, a line each. A name may hold line breaks, and
# brackets: a process's line is whole when 40 fields follow the last bracket (a name has 15 bytes).
sample() {
	awk '{ print "uptime", $1 }' /proc/uptime
	grep '^cpu ' /proc/stat
	cat /proc/[0-9]*/stat 2>/dev/null | tr '\001-\011\013-\037\177' '?' | awk '
		{
			line = lines++ ? line "?" $0 : $0
			rest = line
			sub(/^.*\) /, "", rest)
			if (split(rest, f, " ") >= 40) print line
			else if (lines < 20) next
			lines = 0
		}'
}

# ranked by_cpu|by_memory|by_growth - of two samples with a line "--" between them, a line a process, the
# first in rank first: CPU% RSS-KiB GROWTH-KiB PID SECONDS NAME. This script and what it starts are left out.
ranked() {
	awk -v own="$$" -v by="$1" -v hz="$(getconf CLK_TCK 2>/dev/null || echo 100)" \
		-v page="$(getconf PAGESIZE 2>/dev/null || echo 4096)" '
		$0 == "--" { second = 1; next }
		$1 == "uptime" { if (second) now = $2; else before = $2; next }
		$1 == "cpu" { next }
		{
			name = rest = $0
			sub(/^[^(]*\(/, "", name)
			sub(/\)[^)]*$/, "", name)
			sub(/^.*\) /, "", rest)
			split(rest, f, " ")
			key = $1 " " f[20] # a number may have gone to another process
			if (!second) { ticks[key] = f[12] + f[13]; pages[key] = f[22]; known[key] = 1; next }
			total[$1] = f[12] + f[13]
			used[$1] = total[$1] - ticks[key]
			resident[$1] = f[22]
			grown[$1] = known[key] ? f[22] - pages[key] : 0
			parent[$1] = f[2]; since[$1] = f[20]; called[$1] = name
		}
		END {
			span = now - before > 0.01 ? now - before : 0.01
			for (pid in total) {
				for (above = pid; above > 1 && above != own; above = parent[above]) continue
				if (above == own) continue
				rank = by == "by_cpu" ? used[pid] : by == "by_memory" ? resident[pid] : grown[pid]
				age = now - since[pid] / hz
				printf "%.0f %.0f %d %.1f %.0f %.0f %d %s\n", rank, total[pid], pid, used[pid] * 100 / hz / span,
					resident[pid] * page / 1024, grown[pid] * page / 1024, (age > 0 ? age : 0), called[pid]
			}
		}' | sort -k1,1nr -k2,2nr -k3,3n | awk '{
			name = $0
			for (i = 0; i < 7; i++) sub(/^[^ ]* /, "", name)
			print $4, $5, $6, $3, $7, name
		}'
}

# processes - a table of the lines that `ranked` gives. Users are named from this machine's own list:
# asking a directory service could hang.
processes() {
	printf '%6s %5s %9s %9s %7s %-16s %12s %s\n' CPU% MEM% RSS-MiB GROWN-MiB PID USER ELAPSED COMMAND
	while read -r cpu rss grown pid seconds name; do
		row=$(cat /proc/meminfo "/proc/$pid/status" /etc/passwd 2>/dev/null | awk -v cpu="$cpu" -v rss="$rss" \
			-v grown="$grown" -v pid="$pid" -v elapsed="$(elapsed "$seconds")" '
			$1 == "MemTotal:" { total = $2 }
			$1 == "Uid:" { uid = user = $2; next }
			uid != "" && !found && split($0, f, ":") == 7 && f[3] == uid { user = f[1]; found = 1 }
			END {
				printf "%6s %5.1f %9.1f %9.1f %7s %-16s %12s", cpu, rss * 100 / total, rss / 1024, grown / 1024,
					pid, user == "" ? "-" : substr(user, 1, 16), elapsed
			}')
		printf '%s %s\n' "$row" "$(command_of "$pid" "$name")"
	done
}

# leader - of the lines that `ranked` gives the first: NAME (pid PID)
leader() {
	head -n 1 | awk '{
		name = $0
		for (i = 0; i < 5; i++) sub(/^[^ ]* /, "", name)
		print name " (pid " $4 ")"
	}'
}

oom_kills() {
	section 'Out-of-memory kills'
	log=$(limited 5 dmesg -T 2>/dev/null) || log=$(limited 5 dmesg 2>/dev/null) ||
		log=$(limited 8 journalctl -k -q -n 5000 --no-pager 2>/dev/null) || log=
	if [ -z "$log" ]; then
		echo 'the log of the kernel is empty, or cannot be read here'
		return
	fi
	printf '%s\n' "$log" | grep -iE 'out of memory|killed process' | tail -n 5 | clean 220 | grep . ||
		echo 'none in the log of the kernel'
}
