# shellcheck shell=sh
# disk - which mount is full, and of what.
# shellcheck disable=SC1083
path={{path}}
seconds=20 # for looking at files; the answer then says that it is not whole

disks_now=$(disks '')
inodes_now=$(disks i)
fullest=$(printf '%s\n' "$disks_now" | sort -k5,5nr | head -n 1)
verdict "fullest: $(printf '%s\n' "$fullest" | awk '{
	mount = $0
	for (i = 0; i < 5; i++) sub(/^[^ ]+ +/, "", mount)
	if (NF > 5) printf "%s, %s of %.1f GiB, %.1f GiB free", mount, $5, $2 / 1048576, $4 / 1048576
	else printf "no mount that df shows"
}')"
title disk

section 'Mounts, the fullest first'
printf '%s\n--\n%s\n' "$disks_now" "$inodes_now" | awk '
	$0 == "--" { inodes = 1; next }
	{ mount = $0; for (i = 0; i < 5; i++) sub(/^[^ ]+ +/, "", mount) }
	inodes { iuse[mount] = $5; next }
	NF > 5 { use[mount] = $5 + 0; size[mount] = $2; free[mount] = $4 }
	END {
		for (mount in use)
			printf "%4d%% %6s %9.1f %9.1f %s\n", use[mount], (mount in iuse) ? iuse[mount] : "-",
				size[mount] / 1048576, free[mount] / 1048576, mount
	}' | sort -k1,1nr -k5,5 | head -n 15 | { printf '%5s %6s %9s %9s %s\n' USED INODES SIZE-GiB FREE-GiB MOUNT; clean 160; }

fullest=$(printf '%s\n' "$fullest" | sed 's/^\([^ ]* *\)\{5\}//')
if [ -n "$path" ]; then
	place=${path%"${path##*[!/]}"} # no slashes at the end
	place=${place:-/}
	if ! limited 5 ls -d -- "$path" >/dev/null 2>&1; then
		echo
		echo 'The path that was asked for does not exist here, or may not be seen:'
		printf '%s\n' "$path" | clean 160
		exit 1
	fi
else
	place=${fullest:-/}
	printf 'The fullest is %s\n' "$place" | clean 160
fi

# One walk gives both lists; what was seen so far is told when the time is over. Of a directory that is
# nearly all one directory below it, only the latter is shown.
walk() {
	limited "$seconds" nice -n 19 find "$place" -xdev -type f -printf '%k\t%n\t%i\t%T@\t%p\0' 2>/dev/null
	printf '\0status %s\0' "$?" # 124: the time was over
}
largest=$(walk | tr '\n\000' '?\n' | PLACE=$place awk -v now="$(date +%s)" '
	BEGIN { FS = "\t"; base = ENVIRON["PLACE"]; sub(/\/+$/, "", base) }
	/^status [0-9]+$/ { print "S 0", substr($0, 8); next }
	NF < 5 { next }
	$2 > 1 && seen[$3]++ { next }
	{
		kib = $1; all += kib; files++
		file = $5
		for (i = 6; i <= NF; i++) file = file "?" $i
		if (now - $4 < 86400 && kib >= 1024 && (recent < 8 || kib > least)) {
			slot = ++recent
			for (; slot > 1 && size[slot - 1] < kib; slot--) { size[slot] = size[slot - 1]; name[slot] = name[slot - 1] }
			size[slot] = kib; name[slot] = file
			if (recent > 8) recent = 8
			least = size[8]
		}
		n = split(substr(file, length(base) + 2), part, "/")
		folder = base
		if (n == 1) sum[base "/."] += kib # directly in it
		for (i = 1; i < n && i <= 5; i++) { folder = folder "/" part[i]; sum[folder] += kib }
	}
	END {
		for (folder in sum) {
			above = folder; sub(/\/[^\/]*$/, "", above)
			if (sum[folder] > part_of[above]) part_of[above] = sum[folder]
		}
		for (folder in sum)
			if (part_of[folder] < 0.9 * sum[folder]) printf "D %.0f %s\n", sum[folder], folder
		for (i = 1; i <= recent; i++) printf "F %.0f %s\n", size[i], name[i]
		printf "A %.0f %d\n", all, files
	}' | sort -k1,1 -k2,2nr)

# in_mib LETTER COUNT - the lines of that kind.
in_mib() {
	printf '%s\n' "$largest" | grep "^$1 " | head -n "$2" | awk '{
		name = $0; sub(/^[^ ]* [^ ]* /, "", name); printf "%9.1f MiB %s\n", $2 / 1024, name
	}' | clean 200 | grep . || echo 'none seen'
}

section 'Largest directories'
if find / -maxdepth 0 -printf '' >/dev/null 2>&1; then
	printf 'of %s, this file system only\n' "$place" | clean 200
	printf '%s\n' "$largest" | awk '
		$1 == "S" { status = $3 }
		$1 == "A" { printf "%.1f MiB in %d files", $2 / 1024, $3 }
		END {
			if (status == 124) print "; not all: the time for looking was over"
			else print (status == 0 ? "" : "; not all: some could not be seen")
		}'
	in_mib D 12
	section 'Largest files changed in the last day'
	in_mib F 8
else
	limited "$seconds" du -xk -d 3 "$place" 2>/dev/null | sort -k1,1nr | head -n 12 |
		awk '{ name = $0; sub(/^[0-9]+[ \t]*/, "", name); printf "%9.1f MiB %s\n", $1 / 1024, name }' | clean 200 | grep . ||
		echo 'not known: the time for looking was over'
fi

section 'Deleted, and still open'
limited 10 find /proc/[0-9]*/fd -type l -lname '/* (deleted)' ! -lname '/memfd:*' ! -lname '/dev/*' ! -lname '/SYSV*' \
	2>/dev/null | head -n 500 | while read -r link; do
	about=$(limited 1 stat -L -c '%b %d:%i' "$link" 2>/dev/null) || continue
	pid=${link#/proc/}
	name=$(limited 1 readlink "$link")
	printf '%s %s ' "$about" "${pid%%/*}"
	printf '%s' "$name" | tr '\001-\037\177' '?'
	echo
done | sort -k1,1nr | awk '!seen[$2]++ && $1 >= 2048' | head -n 5 | while read -r blocks _ pid name; do
	printf '%9s MiB %s, open in %s (%s)\n' "$(awk -v blocks="$blocks" 'BEGIN { printf "%.1f", blocks / 2048 }')" \
		"$(printf '%s' "${name% (deleted)}" | clean 100)" "$pid" "$(command_of "$pid" '?' | clean 60)"
done | grep . || echo 'none of 1 MiB or more seen'
exit 0
