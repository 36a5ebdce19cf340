/*
 * runbook_built_in.c - the built-in runbooks: their scripts, linked in as they are, and when they run.
 *
 * A script is runbooks/common.sh (or .ps1), what it shares with its kin, then its own file.
 */
#include "bot/alarm.h"
#include "bot/runbook.h"

/* The assembler reads the files, from the repository's root; the Makefile knows of them. */
#define FILE_OF(name) ".incbin \"commands/runbooks/" name "\"\n"
#define SCRIPT(symbol, files) \
	extern const char symbol[]; \
	__asm__(".pushsection .rodata\n" #symbol ":\n" files ".byte 0\n.popsection\n")

SCRIPT(top_sh, FILE_OF("common.sh") FILE_OF("processes.sh") FILE_OF("top.sh"));
SCRIPT(memory_sh, FILE_OF("common.sh") FILE_OF("processes.sh") FILE_OF("memory.sh"));
SCRIPT(disk_sh, FILE_OF("common.sh") FILE_OF("disk.sh"));
SCRIPT(agent_sh, FILE_OF("common.sh") FILE_OF("agent_common.sh") FILE_OF("agent.sh"));
SCRIPT(agent_restart_sh, FILE_OF("common.sh") FILE_OF("agent_common.sh") FILE_OF("agent-restart.sh"));
SCRIPT(top_ps1, FILE_OF("common.ps1") FILE_OF("top.ps1"));
SCRIPT(memory_ps1, FILE_OF("common.ps1") FILE_OF("memory.ps1"));
SCRIPT(disk_ps1, FILE_OF("common.ps1") FILE_OF("disk.ps1"));
SCRIPT(agent_ps1, FILE_OF("common.ps1") FILE_OF("agent_common.ps1") FILE_OF("agent.ps1"));
SCRIPT(agent_restart_ps1, FILE_OF("common.ps1") FILE_OF("agent_common.ps1") FILE_OF("agent-restart.ps1"));

#define ON(namespace, name) { .namespace_ = namespace, .metric = name, .to = ALARM_STATE_ALARM }
#define NEVER { .to = NULL }

/*
 * The names are those that EC2 and the CloudWatch agent publish ("Metrics collected by the CloudWatch
 * agent" in the CloudWatch user guide); the agent's namespace is CWAgent unless it is told another.
 */
static const struct runbook_trigger never[] = { NEVER };
static const struct runbook_trigger on_cpu[] = {
	ON("AWS/EC2", "CPUUtilization"), ON("CWAgent", "cpu_usage_active"), ON("CWAgent", "cpu_usage_user"),
	ON("CWAgent", "cpu_usage_system"), ON("CWAgent", "cpu_usage_iowait"), ON("CWAgent", "cpu_usage_idle"),
	ON("CWAgent", "Processor % Processor Time"), ON("CWAgent", "Processor % Idle Time"),
	ON("CWAgent", "Processor % User Time"), NEVER
};
static const struct runbook_trigger on_memory[] = {
	ON("CWAgent", "mem_used_percent"), ON("CWAgent", "mem_available_percent"), ON("CWAgent", "mem_used"),
	ON("CWAgent", "mem_available"), ON("CWAgent", "mem_free"), ON("CWAgent", "swap_used_percent"),
	ON("CWAgent", "Memory % Committed Bytes In Use"), ON("CWAgent", "Memory Available Mbytes"),
	ON("CWAgent", "Memory Available Bytes"), ON("CWAgent", "Paging File % Usage"), NEVER
};
static const struct runbook_trigger on_disk[] = {
	ON("CWAgent", "disk_used_percent"), ON("CWAgent", "disk_used"), ON("CWAgent", "disk_free"),
	ON("CWAgent", "disk_inodes_free"), ON("CWAgent", "disk_inodes_used"),
	ON("CWAgent", "LogicalDisk % Free Space"), ON("CWAgent", "LogicalDisk Free Megabytes"), NEVER
};

static const struct runbook_argument nothing[] = { { .name = NULL } };
static const struct runbook_argument count[] = { { "count", "count", true }, { .name = NULL } };
static const struct runbook_argument path[] = { { "path", "path", true }, { .name = NULL } };

const struct runbook runbook_built_in[] = {
	{ .name = "top", .summary = "what uses the CPUs now; load, memory and disks in short",
	  .linux_script = top_sh, .windows_script = top_ps1, .timeout_ms = 60000,
	  .triggers = on_cpu, .arguments = count },
	{ .name = "memory", .summary = "what uses the memory, and what grows",
	  .linux_script = memory_sh, .windows_script = memory_ps1, .timeout_ms = 60000,
	  .triggers = on_memory, .arguments = count },
	{ .name = "disk", .summary = "which disk is full, and of what",
	  .linux_script = disk_sh, .windows_script = disk_ps1, .timeout_ms = 90000,
	  .triggers = on_disk, .arguments = path },
	{ .name = "agent", .summary = "whether the CloudWatch agent runs, and its last errors",
	  .linux_script = agent_sh, .windows_script = agent_ps1, .timeout_ms = 60000,
	  .triggers = never, .arguments = nothing },
	{ .name = "agent-restart", .summary = "restarts the CloudWatch agent and waits until it runs",
	  .linux_script = agent_restart_sh, .windows_script = agent_restart_ps1, .timeout_ms = 180000,
	  .triggers = never, .changes = true, .arguments = nothing },
	{ .name = NULL }
};
