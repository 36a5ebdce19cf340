/*
 * findings_csv.h - `tocsin findings --csv FILE`: what a daily check would report for the end of that series.
 */
#ifndef BOT_FINDINGS_CSV_H
#define BOT_FINDINGS_CSV_H

#define FINDINGS_CSV_USAGE \
	"       tocsin findings --csv FILE [--judge 1d] [--normal-below X] [--normal-above X] [--unit Percent]\n" \
	"                       [--title TEXT] [--zone Asia/Tokyo]\n" \
	"                                           what is odd at the end of that series, as JSON lines\n"

/* argv as main() has it. The exit status; what is wrong is said on standard error. */
int findings_csv(int argc, char **argv);

#endif
