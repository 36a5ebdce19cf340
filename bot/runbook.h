/*
 * runbook.h - what may be run on an instance: built in (commands/runbooks/NAME.sh and NAME.ps1) or
 * configured.
 *
 * A script is text with {{NAME}} where an argument goes. What a person types reaches it only after
 * its type has been checked, and as one quoted word: it is never read by the shell as anything else.
 */
#ifndef BOT_RUNBOOK_H
#define BOT_RUNBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct alarm;
struct config;
struct str;

#define RUNBOOK_ARGUMENTS_MAX 8
/* The two that are run by name, when an alarm has no data. */
#define RUNBOOK_AGENT "agent"
#define RUNBOOK_AGENT_RESTART "agent-restart"
#define RUNBOOK_PATH_MAX 1024

/* Types: "path" (absolute; on Windows with a drive), "unit" (of systemd, or a Windows service),
 * "count" (1 to 50), "word" (letters, digits, '.', '_' and '-', at most 64). None begins with '-': an
 * argument is never an option. */
struct runbook_argument {
	const char *name; /* NULL ends a list */
	const char *type;
	bool optional; /* left out: an empty word */
};

/* When a runbook runs by itself. Either metric or alarm; NULL in the others: any. */
struct runbook_trigger {
	const char *metric;     /* the exact name, case and all: MemberCount is no use of memory */
	const char *alarm;      /* glob of the alarm's name */
	const char *namespace_; /* exact */
	const char *from, *to;  /* ALARM_STATE_*; `to` NULL ends a list */
};

struct runbook {
	const char *name;           /* "top" */
	const char *summary;        /* one line, for help */
	const char *linux_script;   /* NULL: not for this platform */
	const char *windows_script; /* PowerShell 5.1 */
	int64_t timeout_ms;
	const struct runbook_trigger *triggers; /* never NULL; the first may be its end */
	bool changes;   /* alters something: a person's button first, unless automatic */
	bool automatic;
	bool for_operator, for_approver;          /* who may run it; both false: operator */
	const struct runbook_argument *arguments; /* never NULL */
};

/* Defined beside its scripts, in commands/runbook_built_in.c; `name` NULL ends it. */
extern const struct runbook runbook_built_in[];

/* NULL: none. Configured ones replace built-in ones of the same name. Borrowed, from the configuration
 * (gone when it is reloaded: keep the name, not the pointer) or for ever. */
const struct runbook *runbook_find(const struct config *config, const char *name);
/* The one that runs by itself on this change, the configured ones first, in order; NULL: none. A
 * built-in one that has been replaced does not count. */
const struct runbook *runbook_for(const struct config *config, const struct alarm *alarm);
/* Each one once: the built-in ones (or what replaces them), then the others, in order. */
void runbook_each(const struct config *config,
                  void (*each)(void *arg, const struct runbook *runbook), void *arg);

/* Instance ids: i- and 8 or 17 hexadecimal digits, mi- and 17 (a machine that is not EC2's). */
bool runbook_instance_valid(const char *text);
/* The instance of an alarm: InstanceId of its dimensions, or of its metrics' when all that have one
 * agree; NULL: none, or no valid id. Borrowed from the alarm. */
const char *runbook_instance_of(const struct alarm *alarm);

/* Adds text as one word of the POSIX shell, and of PowerShell. No NUL: there is none in a string. */
void runbook_quote_sh(struct str *out, const char *text);
void runbook_quote_powershell(struct str *out, const char *text);

/* The next {{NAME}} in a script (letters, digits, '-' and '_', a letter first, no blanks): where NAME
 * begins, and its length. NULL: none is left. Other double braces are left alone. */
const char *runbook_placeholder(const char *script, size_t *length);

/*
 * The script with its arguments quoted in. `arguments`: what a person typed behind the target,
 * separated by blanks ("..." or '...' keeps blanks in one argument); NULL or "" for none.
 * False: wrong number, type or platform, and *err says what is wrong, the usage and an example.
 * *script is the caller's to free().
 */
bool runbook_script(const struct runbook *runbook, bool windows, const char *arguments,
                    char **script, struct err *err) MUST_CHECK;

#endif
