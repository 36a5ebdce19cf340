/*
 * csv_commands.h - the commands that judge a series from a file: nothing remote, nothing configured.
 */
#ifndef BOT_CSV_COMMANDS_H
#define BOT_CSV_COMMANDS_H

#include <stdbool.h>

#define CSV_COMMANDS_USAGE \
	"       tocsin detect --csv FILE            how surprising each value of a series is, given those before it\n"

bool csv_command_exists(const char *name);
/* argv[1] is such a command's name. The exit status: 0 well, 1 it failed, 2 wrong usage or no such CSV. */
int csv_command(int argc, char **argv);

#endif
