/* import_print.h - `tocsin import dashboard NAME`: prints the configuration to paste. */
#ifndef COMMANDS_IMPORT_PRINT_H
#define COMMANDS_IMPORT_PRINT_H

#include <stdbool.h>

struct bot;

/* Stops the loop when it has printed, or said on standard error why not: then *failed. name, region: as import_read. */
void import_print(struct bot *bot, const char *name, const char *region, bool *failed);

#endif
