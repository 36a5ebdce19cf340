/*
 * detect_csv.h - `tocsin detect --csv FILE`: how surprising each value of a series is, given those before it.
 */
#ifndef BOT_DETECT_CSV_H
#define BOT_DETECT_CSV_H

#define DETECT_CSV_USAGE \
	"       tocsin detect --csv FILE            how surprising each value of a series is, given those before it\n"

/* argv as main() has it. The exit status: 0 well, 1 it failed, 2 wrong usage or no such CSV. */
int detect_csv(int argc, char **argv);

#endif
