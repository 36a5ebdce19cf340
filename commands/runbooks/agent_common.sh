# shellcheck shell=sh
# agent_common.sh - behind common.sh in the scripts about the CloudWatch agent.
agent_home=/opt/aws/amazon-cloudwatch-agent
agent_unit=amazon-cloudwatch-agent
agent_log_file=$agent_home/logs/amazon-cloudwatch-agent.log

# Its control program, and whether systemd knows it.
agent_find() {
	agent_ctl=$(command -v amazon-cloudwatch-agent-ctl 2>/dev/null) || agent_ctl=
	[ -n "$agent_ctl" ] || [ ! -x "$agent_home/bin/amazon-cloudwatch-agent-ctl" ] ||
		agent_ctl=$agent_home/bin/amazon-cloudwatch-agent-ctl
	agent_systemd=
	if command -v systemctl >/dev/null 2>&1 && limited 10 systemctl cat "$agent_unit" >/dev/null 2>&1; then
		agent_systemd=yes
	fi
}

# "running", "stopped", or nothing when it is not installed.
agent_state() {
	if [ -n "$agent_ctl" ]; then
		state=$(limited 20 "$agent_ctl" -m ec2 -a status 2>/dev/null |
			sed -n 's/.*"status"[ ]*:[ ]*"\([a-z]*\)".*/\1/p' | head -n 1)
		[ -z "$state" ] || { echo "$state"; return; }
	fi
	if [ -n "$agent_systemd" ]; then
		if limited 10 systemctl is-active --quiet "$agent_unit"; then echo running; else echo stopped; fi
	elif [ -n "$agent_ctl" ]; then
		echo stopped
	fi
}

agent_verdict() {
	state=$(agent_state)
	echo "agent: ${state:-not installed}"
}

agent_details() {
	if [ -n "$agent_ctl" ]; then
		limited 20 "$agent_ctl" -m ec2 -a status 2>&1 | head -n 15 | clean 200
	else
		echo 'no amazon-cloudwatch-agent-ctl on this machine'
	fi
	if [ -n "$agent_systemd" ]; then
		limited 10 systemctl --no-pager --full --lines=0 status "$agent_unit" 2>&1 | head -n 15 | clean 200
	else
		echo 'systemd does not know it'
	fi
}

agent_log() {
	limited 5 tail -n 2000 "$agent_log_file" 2>/dev/null
}
