# shellcheck shell=sh
# agent - does the CloudWatch agent run, and what does it complain about? The answer is the first line.
agent_find
agent_verdict
title agent

section Status
agent_details

section Configuration
found=$(limited 5 ls -ldn "$agent_home"/etc/*.toml "$agent_home"/etc/*.json "$agent_home"/etc/*.d/* 2>/dev/null | clean 160)
if [ -n "$found" ]; then
	printf '%s\n' "$found" | head -n 12
else
	echo "none in $agent_home/etc"
fi

section 'Last errors and warnings in its log'
agent_log | grep -E ' [EW]! |[Ee]rror' | tail -n 8 | clean 300 | grep . || echo none

section 'End of its log'
agent_log | tail -n 8 | clean 300 | grep . || echo "$agent_log_file is empty, missing, or not for this user"
exit 0
