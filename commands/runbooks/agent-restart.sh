# shellcheck shell=sh
# agent-restart - restarts the CloudWatch agent and waits until it runs. The exit status tells: 0 it runs.
seconds=20 # to wait for it

agent_find
title agent-restart
section Before
agent_verdict
if [ -z "$agent_systemd$agent_ctl" ]; then
	echo 'there is nothing to restart'
	exit 1
fi
agent_details

section Restart
if [ -n "$agent_systemd" ]; then
	limited 60 systemctl restart "$agent_unit" 2>&1 | tail -n 10 | clean 200
else
	limited 60 "$agent_ctl" -m auto -a stop 2>&1 | tail -n 10 | clean 200
	limited 60 "$agent_ctl" -m auto -a start 2>&1 | tail -n 10 | clean 200
fi

# Three times in a row: one that ends at once, and is started again and again, does not run.
waited=0
times=0
while [ "$times" -lt 3 ] && [ "$waited" -lt "$seconds" ]; do
	sleep 1
	waited=$((waited + 1))
	if [ "$(agent_state)" = running ]; then times=$((times + 1)); else times=0; fi
done
echo "waited $waited s"

section After
agent_verdict
agent_details
section 'End of its log'
agent_log | tail -n 8 | clean 300 | grep . || echo "$agent_log_file is empty, missing, or not for this user"
[ "$times" -ge 3 ]
exit $?
